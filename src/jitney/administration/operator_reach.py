"""Whom an operator may act on, and what an operator may give away (pure)."""

from collections.abc import Collection

from jitney.administration.operator import Operator, Right, rights_of
from jitney.errors import NotAllowed
from jitney.model.user import User
from jitney.model.user_store_record import UserStoreRecord
from jitney.ports import KnownUser


def check_reach(operator: Operator, user: User) -> None:
    """Refuse to act on the account of somebody who may do more than the operator (R-112).

    The attack: the help desk sets the password of an administrator, takes the second factors away or unlinks the
    company's own provider, and signs in as the one who may do everything.
    Raises ``NotAllowed`` (``operator_outranks_you``).
    """
    if beyond := rights_of(_roles(user)) - operator.rights:
        raise NotAllowed(
            "operator_outranks_you",
            "This person may do more here than you. Ask somebody who administers Jitney.",
            rights=_names(beyond),
        )


def check_may_shut_out(operator: Operator, user: User) -> None:
    """Refuse to lock, disable or remove an account of somebody who may do more, or the operator's own.

    Since only an administrator reaches another one, and none reaches themselves, whoever does it is left;
    ``OperatorWays.holding`` makes that sure.
    Raises ``NotAllowed`` (``operator_outranks_you``, ``operator_may_not_lock_out_themselves``).
    """
    check_reach(operator, user)
    if user.id == operator.id:
        raise NotAllowed(
            "operator_may_not_lock_out_themselves",
            "This would shut you out yourself. Ask another administrator to do it.",
        )


def check_grants(operator: Operator, roles: Collection[str]) -> None:
    """Refuse to give a role that allows more than the operator may do (R-112).

    Raises ``NotAllowed`` (``operator_may_not_grant``).
    """
    if beyond := rights_of(roles) - operator.rights:
        raise NotAllowed(
            "operator_may_not_grant",
            "This role allows more than you may do yourself. Ask somebody who administers Jitney.",
            rights=_names(beyond),
        )


def check_keeps_own_rights(
    operator: Operator, user: User, *, added: Collection[str], removed: Collection[str]
) -> None:
    """Refuse an operator who is about to take a right away from themselves.

    Raises ``NotAllowed`` (``operator_may_not_lock_out_themselves``).
    """
    left = (_roles(user) - set(removed)) | set(added)
    if user.id == operator.id and not operator.rights <= rights_of(left):
        raise NotAllowed(
            "operator_may_not_lock_out_themselves",
            "This would take away what you may do yourself. Ask another administrator to do it.",
        )


def check_keeps_own_store(operator: Operator, store: UserStoreRecord, known: Collection[KnownUser]) -> None:
    """Refuse an operator who is about to switch off the store of their own account.

    ``known`` are those of whom we keep a record under the operator's id: the one, or nobody.
    Raises ``NotAllowed`` (``operator_may_not_lock_out_themselves``).
    """
    if any(user.id == operator.id and user.domain == store.description.domain for user in known):
        raise NotAllowed(
            "operator_may_not_lock_out_themselves",
            "Your own account is in this user store, so this would shut you out. Ask another administrator.",
        )


def _roles(user: User) -> set[str]:
    return {grant.name for grant in user.roles}


def _names(rights: Collection[Right]) -> str:
    return ", ".join(sorted(rights))
