"""Whether a user is in a state in which an operator may change it."""

from jitney.errors import Locked, NotFound
from jitney.model.user import User, UserState


def check_settled(user: User) -> None:
    """Refuse a user who is being made in a store outside our database, or removed from it.

    Whatever was written between the steps could be taken for one of them, and be undone or left standing.
    Raises ``Locked`` (``user_pending``, ``user_leaving``).
    """
    if user.state is UserState.PENDING:
        raise Locked("user_pending", "The account is not ready yet.")
    if user.state is UserState.LEAVING:
        raise Locked("user_leaving", "The account is being removed.")


def check_standing(user: User) -> None:
    """Refuse a user of whom nothing can be written in its store: under way, or with an entry that has vanished.

    Raises ``Locked`` as ``check_settled`` does, and ``NotFound`` (``entry_gone``).
    """
    check_settled(user)
    if user.state is UserState.GONE:
        raise NotFound("entry_gone", "The entry of this account has vanished from its user store.")
