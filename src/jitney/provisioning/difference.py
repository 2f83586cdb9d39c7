"""The difference that a decision would make, as lines to read: ``+ attribute …``, ``- role …``."""

from typing import assert_never

from jitney.model.account_link import AccountLink
from jitney.model.user import AttributeValue, User, UserChanges, UserDraft
from jitney.provisioning.decision import Ask, Decision, LinkTo, PassThrough, Provision, Refuse, SignInAs

Lines = tuple[str, ...]


def difference(decision: Decision, *, values: bool = True) -> Lines:
    """Return one line for each thing that would be added (``+``) or taken away (``-``); empty for no change.

    ``values=False`` leaves the values of attributes out, for places where no personal data may stand.
    """
    match decision:
        case SignInAs(user=user, changes=changes):
            return _of_changes(user, changes, values=values)
        case LinkTo(user=user, changes=changes, forget=forget):
            linked = f"+ account link to user {_inert(str(user.username))}"
            return (*_of_stale(forget), linked, *_of_changes(user, changes, values=values))
        case Provision(draft=draft, forget=forget):
            return (*_of_stale(forget), *_of_draft(draft, values=values))
        case PassThrough() | Ask() | Refuse():
            return ()
        case _:  # pragma: no cover
            assert_never(decision)


def _of_draft(draft: UserDraft, *, values: bool) -> Lines:
    attributes = (
        line for name, given in sorted(draft.attributes.items())
        for line in _of_values("+", name, given, values=values)
    )  # fmt: skip
    roles = (f"+ role {_inert(grant.name)}" for grant in draft.roles)
    name = str(draft.username) if values else draft.username.domain
    return (f"+ user {_inert(name)}", *attributes, *roles, "+ account link")


def _of_changes(user: User, changes: UserChanges, *, values: bool) -> Lines:
    attributes = (
        line for name, after in sorted(changes.attributes.items())
        for line in (
            *_of_values("-", name, user.attributes.get(name, ()), values=values),
            *_of_values("+", name, after, values=values),
        )
    )  # fmt: skip
    taken = (f"- role {_inert(grant.name)}" for grant in changes.roles_removed)
    given = (f"+ role {_inert(grant.name)}" for grant in changes.roles_added)
    return (*attributes, *taken, *given)


def _of_values(sign: str, name: str, given: tuple[AttributeValue, ...], *, values: bool) -> Lines:
    if not values:
        return (f"{sign} attribute {_inert(name)}",) if given else ()
    return tuple(f'{sign} attribute {_inert(name)} = "{_inert(value.value)}"' for value in given)


def _of_stale(link: AccountLink | None) -> Lines:
    return (f"- account link to user {_inert(link.user_id)}, who is gone",) if link else ()


def _inert(text: str) -> str:
    """Escape what a terminal would obey, and what would end the quotation."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in escaped)
