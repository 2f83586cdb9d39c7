"""User traces: what a user leaves behind in our tables, and what a removal takes along."""

from sqlalchemy import bindparam, delete

from jitney.database.statements import Statement, Write
from jitney.model.changes import RemoveUser
from jitney.storage.factor_tables import attempts, factor_challenges, factors, recovery_codes
from jitney.storage.tables import account_links, codes, consent_receipts, sessions, token_families

_BY_USER = (
    account_links,
    sessions,
    codes,
    token_families,
    consent_receipts,
    factors,
    recovery_codes,
    factor_challenges,
)
_REMOVE = [
    *(
        Statement(f"remove_{each.name}_of_user", delete(each).where(each.c.user_id == bindparam("user_id")))
        for each in _BY_USER
    ),
    Statement("remove_attempts_of_user", delete(attempts).where(attempts.c.key == bindparam("user_id"))),
]


def _remove_user(change: RemoveUser) -> list[Write]:
    """Take what a user leaves behind, once nobody can add to it: the user's own row was taken before (R-015).

    A lock on the identity behind the user stays: who is made anew is locked as before (R-035).
    """
    return [Write(statement, {"user_id": change.user_id}, ordered=True) for statement in _REMOVE]


RENDERS = {RemoveUser: _remove_user}
