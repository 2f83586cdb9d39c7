"""May this arrival join a user who already exists, and on what proof.

Looking people up and letting them prove a local credential are not built yet: nothing counts as proof,
so that a match is never more than a match.
"""

from enum import StrEnum

from jitney.model.policy import LinkRule
from jitney.model.user import User


class Match(StrEnum):
    """What linking found out about an arrival that has no link."""

    NOT_WANTED = "not_wanted"
    NOT_LOOKED_UP = "not_looked_up"
    NOBODY = "nobody"
    WITHOUT_PROOF = "without_proof"
    AMBIGUOUS = "ambiguous"


def judge_matches(rule: LinkRule, matches: tuple[User, ...] | None) -> Match:
    """Judge the users whom the lookups of the policy found.

    The attack (R-005, R-006): somebody registers the victim's name or address at a provider and arrives;
    so equal names and addresses are no proof, and without a rule nobody is even looked at.
    """
    if not rule.enabled:
        return Match.NOT_WANTED
    if matches is None:
        return Match.NOT_LOOKED_UP
    if len({user.id for user in matches}) > 1:
        return Match.AMBIGUOUS
    return Match.WITHOUT_PROOF if matches else Match.NOBODY
