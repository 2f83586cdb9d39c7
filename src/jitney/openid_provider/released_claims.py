"""Which claims about a person an application gets: scopes and names → values (OIDC Core 5.4)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from jitney.model.session import PassingPerson
from jitney.model.user import Grant, User

SCOPE_CLAIMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "profile": (
            "name", "family_name", "given_name", "middle_name", "nickname", "preferred_username", "profile",
            "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
        ),
        "email": ("email", "email_verified"),
        "address": ("address",),
        "phone": ("phone_number", "phone_number_verified"),
        "roles": ("roles", "groups"),
    }
)  # fmt: skip

SCOPES: Final = ("openid", *SCOPE_CLAIMS, "offline_access")
"""Every scope that we know; others are ignored (RFC 6749 section 3.3)."""

ADDRESS_PARTS: Final = (
    "formatted", "street_address", "locality", "region", "postal_code", "country",
)  # fmt: skip

RESERVED_CLAIMS: Final = frozenset(
    {
        "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "azp", "amr", "acr", "auth_time", "sid",
        "at_hash", "c_hash", "s_hash", "scope", "client_id", "events", "cnf", "act", "may_act", "roles",
        "groups", "token_use", "typ", "family",
    }
)  # fmt: skip
"""Claims that only we state: no attribute of a person can set or shadow them (R-087)."""

_SCOPE_OF: Final = {claim: scope for scope, claims in SCOPE_CLAIMS.items() for claim in claims}
_NAMES_OF_GRANTS: Final = ("roles", "groups")


@dataclass(frozen=True, slots=True)
class _Source:
    """A person as the table below reads it; ``values`` returns the values of one local attribute."""

    values: Callable[[str], tuple[str, ...]]
    username: str | None
    roles: tuple[Grant, ...]
    groups: tuple[Grant, ...]


def names_for_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return the claims that these scopes stand for."""
    return tuple(name for scope in scopes for name in SCOPE_CLAIMS.get(scope, ()))


def names_allowed(wanted: Iterable[str], *, registered_scopes: Collection[str]) -> tuple[str, ...]:
    """Return those of the claims asked for by name that the application might also have had by a scope.

    The attack: an application registered for ``openid`` alone asks for ``phone_number`` by name.
    """
    return tuple(name for name in wanted if _SCOPE_OF.get(name) in registered_scopes)


def released_claims(person: User | PassingPerson, names: Collection[str]) -> dict[str, object]:
    """Return the named claims that the person has a value for.

    Only names of the table are answered, so that an attribute called ``iss`` goes nowhere (R-087).
    """
    if not names:
        return {}
    source = _source(person)
    claims = {name: _value(source, name) for name in names if name in _SCOPE_OF}
    return {name: value for name, value in claims.items() if value is not None}


def _source(person: User | PassingPerson) -> _Source:
    if isinstance(person, User):
        return _Source(person.values, str(person.username), person.roles, person.groups)
    attributes = person.attributes
    return _Source(lambda name: attributes.get(name, ()), None, (), ())


def _value(source: _Source, name: str) -> object:
    if name == "address":
        return _address(source)
    if name in _NAMES_OF_GRANTS:
        return sorted({grant.name for grant in getattr(source, name)})
    value = next(iter(source.values(name)), None)
    if name.endswith("_verified"):
        return _flag(source, name, value)
    if name == "updated_at":
        return (
            int(value)
            if value is not None and value.isascii() and value.isdecimal() and len(value) < 16
            else None
        )
    if name == "preferred_username":
        return value or source.username
    return value


def _flag(source: _Source, name: str, value: str | None) -> bool | None:
    """Return a boolean, never the text "false" that half the applications would take for true."""
    has_subject = any(source.values(name.removesuffix("_verified")))
    return value == "true" if has_subject else None


def _address(source: _Source) -> dict[str, str] | None:
    parts = {part: next(iter(source.values(f"address.{part}")), None) for part in ADDRESS_PARTS}
    return {part: value for part, value in parts.items() if value} or None
