"""HomeRealm: by what people are sent to their identity provider without having to choose it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HomeRealm:
    """By what people are sent to this provider.

    ``domains`` are e-mail domains in lower case: ``acme.example``, or ``*.acme.example`` for all below it.
    ``identifier`` is what an application may send as ``fidp``; no other provider has it.
    ``is_shown`` offers the provider on the sign-in page; one that belongs to a customer is found by its domain
    instead, so that nobody reads there who the customers are.
    """

    domains: tuple[str, ...] = ()
    identifier: str | None = None
    is_shown: bool = True
