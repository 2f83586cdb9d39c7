"""User traces: what a user leaves behind in our tables, and what a removal takes along."""

from sqlalchemy import bindparam, delete, exists, func, select, union

from jitney.database.statements import Statement, Write
from jitney.model.changes import RemoveUser
from jitney.storage.console_tables import recorded_arrivals
from jitney.storage.factor_tables import attempts, factor_challenges, factors, recovery_codes
from jitney.storage.tables import account_links, codes, consent_receipts, outcomes, sessions, token_families

_BY_USER = (
    account_links,
    sessions,
    codes,
    token_families,
    consent_receipts,
    factors,
    recovery_codes,
    factor_challenges,
    recorded_arrivals,
)
_THEIRS = bindparam("user_id")
_OF_ANOTHER = exists().where(
    account_links.c.idp == outcomes.c.idp,
    account_links.c.subject == outcomes.c.subject,
    account_links.c.user_id != _THEIRS,
)
_IDENTITIES = union(
    select(account_links.c.idp, account_links.c.subject).where(account_links.c.user_id == _THEIRS),
    select(outcomes.c.idp, outcomes.c.subject).where(outcomes.c.user_id == _THEIRS, ~_OF_ANOTHER),
).subquery("identities")
"""By which identities the user comes in, or came in before they were unlinked, if they open nobody else now."""

# Only the subject is looked up: it tells people apart, and of a whole provider there are too many.
_REFERENCES = select(outcomes.c.reference).where(
    outcomes.c.subject == _IDENTITIES.c.subject,
    func.coalesce(outcomes.c.idp, "") == _IDENTITIES.c.idp,
    func.coalesce(outcomes.c.user_id, _THEIRS) == _THEIRS,
)
REMOVE_ARRIVALS = Statement(
    "remove_arrivals_of_identities_of_user",
    delete(recorded_arrivals).where(recorded_arrivals.c.reference.in_(_REFERENCES)),
)
"""What came with their sign-ins that ended with nobody: who arrived rests sealed, but the outcome names them."""

_REMOVE = [
    REMOVE_ARRIVALS,  # first of all, as long as there are links
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
