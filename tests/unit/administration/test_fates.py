"""What becomes of whom when a provider goes, case by case."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jitney.administration.removal.fates import Going, fate_of
from jitney.model.account_link import AccountLink
from jitney.model.entry import Entry
from jitney.model.provider_removal import Fate, RemovalCounts
from jitney.model.user import GivenBy, Grant, Provenance, User, Username

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ACME = Going("idp-acme", deletes_users=True)
ROOT = Provenance(GivenBy.OPERATOR, "u-root")
ADA = User("u-ada", Username("PRIMARY", "ada", "ada"), NOW, origin="idp-acme")
OUTSIDE = replace(ADA, username=Username("ENG", "ada", "ada"), entry="e-ada")
OUR_ENTRY = Entry("e-ada", "ada", stamp="u-ada")


def link(idp: str, subject: str = "a-1") -> AccountLink:
    return AccountLink(idp, subject, "u-ada", "PRIMARY", NOW)


OURS, OTHER = link("idp-acme"), link("idp-other")


@pytest.mark.parametrize(
    ("user", "links", "entry", "fate"),
    [
        (ADA, (OURS,), None, Fate.DELETED),
        (ADA, (OURS, link("idp-acme", "a-2")), None, Fate.DELETED),
        (ADA, (), None, Fate.DELETED),
        (replace(ADA, roles=(Grant("engineers", ROOT),)), (OURS,), None, Fate.DELETED),
        (OUTSIDE, (OURS,), OUR_ENTRY, Fate.DELETED),
        (OUTSIDE, (OURS,), None, Fate.DELETED),
        (OUTSIDE, (OURS,), replace(OUR_ENTRY, has_password=False), Fate.DELETED),
        (ADA, (OURS, OTHER), None, Fate.HAS_OTHER_LINK),
        (ADA, (OTHER,), None, Fate.HAS_OTHER_LINK),
        (replace(ADA, has_password=True), (OURS,), None, Fate.HAS_PASSWORD),
        (OUTSIDE, (OURS,), replace(OUR_ENTRY, has_password=True), Fate.HAS_PASSWORD),
        (replace(ADA, origin=None), (OURS,), None, Fate.NOT_PROVISIONED_BY_IT),
        (replace(ADA, origin="idp-other"), (OURS,), None, Fate.NOT_PROVISIONED_BY_IT),
        (replace(ADA, roles=(Grant("operator", ROOT),)), (OURS,), None, Fate.IS_OPERATOR),
        (replace(ADA, roles=(Grant("operator.auditor", ROOT),)), (OURS,), None, Fate.IS_OPERATOR),
        (OUTSIDE, (OURS,), replace(OUR_ENTRY, stamp=None), Fate.ENTRY_NOT_OURS),
        (OUTSIDE, (OURS,), replace(OUR_ENTRY, stamp="u-grace"), Fate.ENTRY_NOT_OURS),
    ],
)
def test_only_who_has_nothing_but_this_provider_is_deleted(
    user: User, links: tuple[AccountLink, ...], entry: Entry | None, fate: Fate
) -> None:
    """R-034: whoever came with it and has no other link, password or office is deleted; all others are kept."""
    assert fate == fate_of(user, links, ACME, entry=entry)
    kept = Fate.DELETION_OFF
    assert kept == fate_of(user, links, replace(ACME, deletes_users=False), entry=entry)


def test_each_fate_has_a_count_of_its_own() -> None:
    """R-034: every person is counted under exactly one fate, and only the deleted are not kept."""
    counts = RemovalCounts()
    for number, fate in enumerate(Fate, start=1):
        counts = counts.with_one(fate)
        assert (number, 1) == (counts.total, getattr(counts, fate.value))
    assert len(Fate) - 1 == counts.kept
