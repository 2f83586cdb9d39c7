"""The difference that a decision would make, line by line."""

from dataclasses import replace

from tests.unit.provisioning.arrivals import (
    ACME,
    GLOBEX,
    OPERATOR,
    facts,
    grants,
    identity,
    idp,
    link,
    purpose,
    user,
    values,
)

from jitney.model.account_link import LinkedBy
from jitney.model.consent import ConsentedPurpose
from jitney.model.policy import PromptMode, ProvisioningPolicy
from jitney.model.user import BY_THE_PERSON, UserChanges, UserDraft
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.decision import Ask, LinkTo, PassThrough, Provision, SignInAs, decide
from jitney.provisioning.difference import difference, written_lines
from jitney.provisioning.store_rules import canonical_username

CHANGES = UserChanges(
    {"name": values(ACME, "Ana"), "nickname": ()}, grants(ACME, "staff"), grants(ACME, "guest")
)
BEFORE = user(attributes={"name": values(OPERATOR, "Anna"), "nickname": values(ACME, "an")})
DRAFT = UserDraft(
    canonical_username(UserStoreDescription("ENG"), "alice"),
    {"email": values(BY_THE_PERSON, "a@x"), "departments": values(ACME, "a", "b")},
    grants(ACME, "staff"),
    "idp-acme",
)
RECEIPT = tuple(ConsentedPurpose(name, name, "", 1, ("email",)) for name in ("news", "cards"))


def test_changes_of_a_returning_user():
    """Old values go, new ones come, then roles; each says who gave it."""
    expected = (
        '- attribute name = "Anna", by operator operator-1', '+ attribute name = "Ana", by identity provider idp-acme',
        '- attribute nickname = "an", by identity provider idp-acme',
        "- role guest, by identity provider idp-acme", "+ role staff, by identity provider idp-acme",
    )  # fmt: skip
    assert expected == difference(SignInAs(BEFORE, link(), CHANGES, ()))


def test_new_user_and_stale_link():
    """A new user is one line, each value another; a stale link goes first."""
    expected = (
        "- account link to user user-gone, who is gone", "+ user ENG/alice", "+ password, by the person",
        '+ attribute departments = "a", by identity provider idp-acme',
        '+ attribute departments = "b", by identity provider idp-acme', '+ attribute email = "a@x", by the person',
        "+ role staff, by identity provider idp-acme", "+ account link", "+ consent receipt: 2 purposes",
    )  # fmt: skip
    decision = Provision(DRAFT, (), link("user-gone"), password="correct-horse", consented=RECEIPT)
    assert expected == difference(decision)


def test_what_was_written_is_told_without_a_value_or_a_name():
    """R-121: an outcome says what was written and by whom, and holds no personal data."""
    expected = (
        "+ user in ENG", "+ attribute departments, by identity provider idp-acme", "+ attribute email, by the person",
        "+ role staff, by identity provider idp-acme", "+ account link", "+ consent receipt: 1 purpose",
    )  # fmt: skip
    assert expected == written_lines(Provision(DRAFT, (), consented=RECEIPT[:1]))
    expected = (
        "- attribute name, by operator operator-1", "+ attribute name, by identity provider idp-acme",
        "- attribute nickname, by identity provider idp-acme", "- role guest, by identity provider idp-acme",
        "+ role staff, by identity provider idp-acme",
    )  # fmt: skip
    assert expected == written_lines(SignInAs(BEFORE, link(), CHANGES, ()))


def test_each_giver_of_a_list_is_told_once():
    """Values of one attribute by two givers are two lines without values."""
    before = user(attributes={"departments": (*values(ACME, "a", "b"), *values(GLOBEX, "c"))})
    changes = UserChanges({"departments": ()})
    assert written_lines(SignInAs(before, link(), changes, ())) == (
        "- attribute departments, by identity provider idp-acme",
        "- attribute departments, by identity provider idp-globex",
    )


def test_link_to_an_existing_user():
    """A link is one line before the changes; what is written down does not name the user."""
    decision = LinkTo(user(), CHANGES, LinkedBy.PROOF, (), link("user-gone"))
    stale, linked, *_ = difference(decision)
    assert ("- account link to user user-gone, who is gone", "+ account link to user alice") == (
        stale,
        linked,
    )
    assert written_lines(decision) == (
        "- account link to user user-gone, who is gone", "+ account link",
        "+ attribute name, by identity provider idp-acme", "- role guest, by identity provider idp-acme",
        "+ role staff, by identity provider idp-acme",
    )  # fmt: skip


def test_nothing_is_written_for_those_who_pass_are_asked_or_are_refused():
    """No account, no difference."""
    assert difference(PassThrough({"name": ("Ana",)}, ())) == ()
    assert difference(decide(facts(identity("al")))) == ()
    policy = ProvisioningPolicy(enabled=True, prompt_mode=PromptMode.CONSENT)
    asked = decide(replace(facts(None, idp(policy)), purposes=(purpose("news", "email"),)))
    assert isinstance(asked, Ask)
    assert written_lines(asked) == ()


def test_values_are_inert():
    """R-029: a value cannot command the terminal of whoever reads it."""
    changes = UserChanges({"name": values(ACME, 'a"\x1b[2J\u202e\\')})
    assert difference(SignInAs(user(), link(), changes, ())) == (
        '+ attribute name = "a\\"\\x1b[2J\\u202e\\\\", by identity provider idp-acme',
    )
