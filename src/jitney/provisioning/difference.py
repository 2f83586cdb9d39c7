"""The difference that a decision would make, as lines to read: ``+ attribute …, by …``, ``- role …, by …``."""

from collections.abc import Iterable
from typing import assert_never

from jitney.model.account_link import AccountLink
from jitney.model.user import AttributeValue, GivenBy, Grant, Provenance, User, UserChanges
from jitney.provisioning.decision import (
    Ask,
    Decision,
    LinkTo,
    PassThrough,
    Provision,
    Refuse,
    Settle,
    SignInAs,
)

Lines = tuple[str, ...]


def difference(decision: Decision, *, values: bool = True) -> Lines:
    """Return one line for each thing that would be added (``+``) or taken away (``-``); empty for no change.

    Every value and role says who gave it.
    ``values=False`` leaves out the values of attributes and the names of users, for places where no personal data
    may stand.
    """
    match decision:
        case SignInAs(user=user, changes=changes):
            return _of_changes(user, changes, values=values)
        case LinkTo(user=user, changes=changes, forget=forget):
            whom = f" to user {_inert(str(user.username))}" if values else ""
            return (*_of_stale(forget), f"+ account link{whom}", *_of_changes(user, changes, values=values))
        case Provision():
            return _of_provision(decision, values=values)
        case PassThrough() | Ask() | Refuse() | Settle():
            return ()
        case _:  # pragma: no cover
            assert_never(decision)


def written_lines(decision: Decision) -> Lines:
    """Return the lines that an outcome keeps: what was written and by whom, without a value or a user name."""
    return difference(decision, values=False)


def _of_provision(decision: Provision, *, values: bool) -> Lines:
    draft, consented = decision.draft, len(decision.consented)
    whom = f"user {_inert(str(draft.username))}" if values else f"user in {_inert(draft.username.domain)}"
    attributes = (
        line for name, given in sorted(draft.attributes.items())
        for line in _of_values("+", name, given, values=values)
    )  # fmt: skip
    password = ("+ password, by the person",) if decision.password is not None else ()
    plural = "" if consented == 1 else "s"
    receipt = (f"+ consent receipt: {consented} purpose{plural}",) if consented else ()
    roles = _of_roles("+", draft.roles)
    return (
        *_of_stale(decision.forget),
        f"+ {whom}",
        *password,
        *attributes,
        *roles,
        "+ account link",
        *receipt,
    )


def _of_changes(user: User, changes: UserChanges, *, values: bool) -> Lines:
    attributes = (
        line for name, after in sorted(changes.attributes.items())
        for line in (
            *_of_values("-", name, user.attributes.get(name, ()), values=values),
            *_of_values("+", name, after, values=values),
        )
    )  # fmt: skip
    taken, given = _of_roles("-", changes.roles_removed), _of_roles("+", changes.roles_added)
    return (*attributes, *taken, *given)


def _of_values(sign: str, name: str, given: tuple[AttributeValue, ...], *, values: bool) -> Lines:
    shown = (f' = "{_inert(one.value)}"' if values else "" for one in given)
    lines = (
        f"{sign} attribute {_inert(name)}{value}, by {_giver(one.provenance)}"
        for one, value in zip(given, shown, strict=True)
    )
    return tuple(dict.fromkeys(lines))


def _of_roles(sign: str, grants: Iterable[Grant]) -> Lines:
    return tuple(f"{sign} role {_inert(grant.name)}, by {_giver(grant.provenance)}" for grant in grants)


def _of_stale(link: AccountLink | None) -> Lines:
    return (f"- account link to user {_inert(link.user_id)}, who is gone",) if link else ()


def _giver(provenance: Provenance) -> str:
    """Name who gave something; a person gives only to themselves, so their id would say nothing."""
    match provenance.given_by:
        case GivenBy.IDENTITY_PROVIDER:
            return f"identity provider {_inert(provenance.id)}"
        case GivenBy.OPERATOR:
            return f"operator {_inert(provenance.id)}"
        case GivenBy.PERSON:
            return "the person"
        case GivenBy.USER_STORE:
            return f"user store {_inert(provenance.id)}"
        case _:  # pragma: no cover
            assert_never(provenance.given_by)


def _inert(text: str) -> str:
    """Escape what a terminal would obey, and what would end the quotation."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in escaped)
