"""Trying the rules of a user store: every rule by its code, and nothing of what was tried in the answer."""

from dataclasses import replace

import pytest
from tests.journeys.administration.office import ROOT, Office
from tests.journeys.administration.stores import BRANCH

from jitney.administration.operator import Operator
from jitney.administration.stores.rule_trial import RULES, RuleTrial, TriedTexts
from jitney.errors import InvalidInput, NotAllowed, NotFound
from jitney.model.user_store import NamePattern, UserStoreDescription
from jitney.userstores.patterns import compile_rules

pytestmark = pytest.mark.anyio

PLAIN = UserStoreDescription("PRIMARY")


def the_trial() -> RuleTrial:
    """Return the verb over the memory's stores."""
    return RuleTrial(Office().doors.user_stores, compile_rules)


@pytest.mark.parametrize(
    ("texts", "field", "code"),
    [
        (TriedTexts(username="a\u202eda"), "username", "user_name_forbidden_characters"),
        (TriedTexts(username="x" * 300), "username", "user_name_length"),
        (TriedTexts(username="System"), "username", "user_name_reserved"),
        (TriedTexts(username="SYSTEM/bob"), "username", "user_name_reserved"),
        (TriedTexts(username="a b c"), "username", "user_name_breaks_pattern"),
        (TriedTexts(username="ceo@corp.example"), "username", "user_name_is_unverified_email"),
        (TriedTexts(password="   "), "password", "password_blank"),
        (TriedTexts(password="x" * 1025), "password", "password_too_long"),
        (TriedTexts(password="short"), "password", "password_breaks_pattern"),
        (TriedTexts(role="a b"), "role", "role_name_breaks_pattern"),
        (TriedTexts(role="x" * 101), "role", "role_name_too_long"),
        (TriedTexts(role="sta\u200bff"), "role", "role_name_forbidden_characters"),
    ],
)
async def test_each_rule_is_told_by_its_code(texts: TriedTexts, field: str, code: str) -> None:
    """Issue 7: of a text that does not fit the last code says which rule settled it, and one that fits has none."""
    tried = the_trial().try_draft(ROOT, PLAIN, texts)
    judged = getattr(tried, field)
    assert (False, code) == (judged.fits, judged.rules[-1])
    assert code in RULES
    good = TriedTexts("ada.l", "correct-horse", "staff")
    twin = the_trial().try_draft(ROOT, PLAIN, good)
    assert (True, ()) == (getattr(twin, field).fits, getattr(twin, field).rules)


async def test_a_pattern_that_runs_for_ever_is_told_to_have_timed_out() -> None:
    """Issue 7: an operator sees that a pattern is too slow for a name before people meet it."""
    slow = replace(PLAIN, username=NamePattern(r"(a|a)+$", "No."))
    tried = the_trial().try_draft(ROOT, slow, TriedTexts(username="a" * 40 + "!"))
    assert tried.username is not None
    assert ("pattern_timed_out", "user_name_breaks_pattern") == tried.username.rules
    assert "No." == tried.username.sentence
    twin = the_trial().try_draft(ROOT, slow, TriedTexts(username="aa"))
    assert twin.username is not None
    assert twin.username.fits


async def test_the_canonical_form_of_a_name_is_shown() -> None:
    """R-030: what is compared is the folded name, and where a store distinguishes case, the name as it is typed."""
    folded = the_trial().try_draft(ROOT, PLAIN, TriedTexts(username="Straße"))
    assert folded.canonical is not None
    assert ("Straße", "strasse") == (folded.canonical.name, folded.canonical.key)
    exact = replace(PLAIN, case_insensitive_usernames=False)
    kept = the_trial().try_draft(ROOT, exact, TriedTexts(username="Straße"))
    assert kept.canonical is not None
    assert "Straße" == kept.canonical.key


async def test_the_answer_and_the_texts_never_quote_a_password() -> None:
    """R-123: no repr of what was tried, or of what came of it, holds the password."""
    texts = TriedTexts(password="hunter2")
    tried = the_trial().try_draft(ROOT, PLAIN, texts)
    assert tried.password is not None
    assert not tried.password.fits
    assert "hunter2" not in repr(tried) + repr(texts)


async def test_a_kept_store_is_tried_by_its_own_rules() -> None:
    """Issue 7: the rules are those of the store that is named, PRIMARY's too; of no store there are none."""
    office = Office()
    strict = replace(
        BRANCH, description=replace(BRANCH.description, username=NamePattern("[0-9]+", "Digits."))
    )
    await office.user_stores.add(ROOT, strict)
    trial = RuleTrial(office.doors.user_stores, compile_rules)
    branch = await trial.try_kept(ROOT, "branch", TriedTexts(username="ada"))
    primary = await trial.try_kept(ROOT, "PRIMARY", TriedTexts(username="ada"))
    assert branch.username is not None
    assert primary.username is not None
    assert (False, "Digits.") == (branch.username.fits, branch.username.sentence)
    assert primary.username.fits
    with pytest.raises(NotFound) as nowhere:
        await trial.try_kept(ROOT, "NOWHERE", TriedTexts(username="ada"))
    assert "user_store_not_found" == nowhere.value.code


async def test_a_pattern_that_is_none_and_an_operator_without_a_right_are_refused() -> None:
    """R-110: nobody tries without the right to see; and a pattern that cannot be understood is said to be none."""
    texts = TriedTexts(username="ada")
    with pytest.raises(InvalidInput) as broken:
        the_trial().try_draft(ROOT, replace(PLAIN, username=NamePattern("[", "No.")), texts)
    assert "pattern_invalid" == broken.value.code
    with pytest.raises(NotAllowed) as refused:
        the_trial().try_draft(Operator("u-1", "eve", frozenset()), PLAIN, texts)
    assert "operator_right_missing" == refused.value.code
    twin = the_trial().try_draft(ROOT, PLAIN, texts).username
    assert twin is not None
    assert twin.fits
