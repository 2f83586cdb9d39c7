"""The difference that a decision would make, line by line."""

from tests.unit.provisioning.arrivals import ACME, facts, grants, identity, link, user, values

from jitney.model.user import UserChanges, UserDraft
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.decision import LinkTo, PassThrough, Provision, SignInAs, decide
from jitney.provisioning.difference import difference
from jitney.provisioning.store_rules import canonical_username

CHANGES = UserChanges(
    {"name": values(ACME, "Ana"), "nickname": ()}, grants(ACME, "staff"), grants(ACME, "guest")
)
BEFORE = user(attributes={"name": values(ACME, "Anna"), "nickname": values(ACME, "an")})
DRAFT = UserDraft(
    canonical_username(UserStoreDescription("ENG"), "alice"),
    {"email": values(ACME, "a@x"), "departments": values(ACME, "a", "b")},
    grants(ACME, "staff"),
    "idp-acme",
)


def test_changes_of_a_returning_user():
    """Old values go, new ones come, then roles."""
    expected = (
        '- attribute name = "Anna"', '+ attribute name = "Ana"', '- attribute nickname = "an"',
        "- role guest", "+ role staff",
    )  # fmt: skip
    assert expected == difference(SignInAs(BEFORE, link(), CHANGES, ()))


def test_new_user_and_stale_link():
    """A new user is one line, each value another; a stale link goes first."""
    expected = (
        "- account link to user user-gone, who is gone", "+ user ENG/alice", '+ attribute departments = "a"',
        '+ attribute departments = "b"', '+ attribute email = "a@x"', "+ role staff", "+ account link",
    )  # fmt: skip
    assert expected == difference(Provision(DRAFT, (), link("user-gone")))


def test_values_can_be_left_out():
    """Where no personal data may stand, names of attributes remain."""
    expected = (
        "+ user ENG",
        "+ attribute departments",
        "+ attribute email",
        "+ role staff",
        "+ account link",
    )
    assert expected == difference(Provision(DRAFT, ()), values=False)
    expected = (
        "- attribute name",
        "+ attribute name",
        "- attribute nickname",
        "- role guest",
        "+ role staff",
    )
    assert expected == difference(SignInAs(BEFORE, link(), CHANGES, ()), values=False)


def test_link_to_an_existing_user():
    """A link is one line before the changes."""
    expected = ("+ account link to user alice",)
    assert expected == difference(LinkTo(user(), UserChanges(), ()))


def test_nothing_is_written_for_those_who_pass_or_are_refused():
    """No account, no difference."""
    assert difference(PassThrough({"name": ("Ana",)}, ())) == ()
    assert difference(decide(facts(identity("al")))) == ()


def test_values_are_inert():
    """R-029: a value cannot command the terminal of whoever reads it."""
    changes = UserChanges({"name": values(ACME, 'a"\x1b[2J\u202e\\')})
    assert difference(SignInAs(user(), link(), changes, ())) == (
        '+ attribute name = "a\\"\\x1b[2J\\u202e\\\\"',
    )
