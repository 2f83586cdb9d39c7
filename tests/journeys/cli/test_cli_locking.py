"""``jitney user lock``, ``unlock`` and ``locks`` as an operator types them, and people by their names."""

import pytest
from tests.journeys.cli.shell import Shell

from jitney.model.account_link import AccountLink, LinkedBy
from jitney.model.changes import AddAccountLink, AddUser
from jitney.model.user import AttributeValue, GivenBy, Provenance, User
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.store_rules import canonical_username
from jitney.testing.standing_clock import NOON

ENHANCED = '[authentication.jit_provisioning]\nenable_enhanced_feature = "true"\n'
NUMBER = "0b8e17c2-5ca5-5f25-8ae2-b3e70c9d5f5b"


@pytest.fixture
def provisioned(shell: Shell) -> Shell:
    """A home with Acme, and Ada whom it provisioned under a name that is a number."""
    shell.write("conf/deployment.toml", ENHANCED)
    secret = shell.write("secret", "the-secret-that-acme-gave-us")
    added = shell.run(
        "idp", "add", "acme", "--issuer", "https://login.acme.example", "--client-id", "jitney",
        "--client-secret-file", secret, "--provision", "--set", "display_name=Acme Corp",
    )  # fmt: skip
    assert 0 == added.exit_code, added.output
    acme = shell.json("idp", "show", "acme")["id"]
    giver = Provenance(GivenBy.IDENTITY_PROVIDER, acme)
    attributes = {
        "given_name": (AttributeValue("Ada", giver),), "family_name": (AttributeValue("Lovelace", giver),),
        "email": (AttributeValue("ada@acme.example", giver),),
    }  # fmt: skip
    name = canonical_username(UserStoreDescription("PRIMARY"), NUMBER)
    shell.commit(
        AddUser(User("u-ada", name, NOON, attributes=attributes, origin=acme)),
        AddAccountLink(AccountLink(acme, "a-1", "u-ada", "PRIMARY", NOON, LinkedBy.PROVISIONING)),
    )
    return shell


def is_locked(shell: Shell) -> bool:
    return shell.json("user", "show", "u-ada")["user"]["lock"] is not None


@pytest.mark.parametrize(
    ("option", "value", "by"), [("--subject", "a-1", "subject"), ("--email", "Ada@Acme.example", "email")]
)
def test_person_is_locked_and_unlocked_by_social_identity(
    provisioned: Shell, option: str, value: str, by: str
) -> None:
    """jit.md 10 (5): by provider and subject or address: locked, listed, shown, and unlocked."""
    locked = provisioned.run("user", "lock", "--idp", "acme", option, value, "--reason", "abuse")
    assert f"Locked: the identity, and {NUMBER}." in locked.output
    assert is_locked(provisioned)
    [listed] = provisioned.json("user", "locks", "--idp", "acme")
    assert (by, value.casefold(), "abuse") == (listed["locked_by"], listed["value"], listed["lock"]["reason"])
    assert "abuse" in provisioned.run("user", "locks", "--idp", "acme").output
    assert f"{value.casefold()} at acme: abuse" in provisioned.run("user", "show", "u-ada").output
    unlocked = provisioned.run("user", "unlock", "--idp", "acme", option, value)
    assert f"Unlocked: the identity, and {NUMBER}." in unlocked.output
    assert (False, []) == (is_locked(provisioned), provisioned.json("user", "locks", "--idp", "acme"))


def test_identity_without_account_is_locked_and_the_operator_is_told(provisioned: Shell) -> None:
    """R-035: it is the point of such a lock; a wrong address shows in what is said."""
    locked = provisioned.run("user", "lock", "--idp", "acme", "--subject", "x-9", "--reason", "abuse")
    assert (0, "Locked: the identity; it has no account here.\n") == (locked.exit_code, locked.output)
    unlocked = provisioned.run("user", "unlock", "--idp", "acme", "--subject", "x-9")
    assert "Unlocked: the identity; it has no account here.\n" == unlocked.output
    again = provisioned.run("user", "unlock", "--idp", "acme", "--subject", "x-9")
    assert (1, True) == (again.exit_code, "user_not_found" in again.output)


def test_lock_that_ends_says_when(provisioned: Shell) -> None:
    """jit.md 10: a reason and an optional expiry; a lock by name stands on the identity too."""
    provisioned.run("user", "lock", "u-ada", "--reason", "on leave", "--until", "2999-01-31")
    assert "2999-01-3" in provisioned.run("user", "locks", "--idp", "acme").output
    provisioned.run("user", "unlock", "u-ada")
    assert "Nobody of this provider is locked." in provisioned.run("user", "locks", "--idp", "acme").output


@pytest.mark.parametrize(
    "named",
    [
        (),
        ("--idp", "acme"),
        ("--subject", "a-1"),
        ("--idp", "acme", "--subject", "a-1", "--email", "ada@acme.example"),
        ("u-ada", "--idp", "acme", "--subject", "a-1"),
        ("u-ada", "--email", "ada@acme.example"),
    ],
)
def test_command_must_mean_exactly_one_person(provisioned: Shell, named: tuple[str, ...]) -> None:
    """An operator who says two things at once has made a mistake, and nobody is locked."""
    for command in (("lock", "--reason", "abuse"), ("unlock",)):
        refused = provisioned.run("user", *command, *named)
        assert 2 == refused.exit_code
        assert "Name the user, or give --idp with --subject or --email." in refused.output
    assert not is_locked(provisioned)


def test_provider_without_the_feature_locks_accounts_alone(provisioned: Shell) -> None:
    """jit.md 10: the operator is told that the lock goes with the account."""
    provisioned.write("conf/deployment.toml", "")
    locked = provisioned.run("user", "lock", "--idp", "acme", "--subject", "a-1", "--reason", "abuse")
    assert f"Locked: {NUMBER}.\nThe lock goes with the account" in locked.output
    assert [] == provisioned.json("user", "locks", "--idp", "acme")


def test_lists_show_whom_a_number_means(provisioned: Shell) -> None:
    """jit.md 10 (1): the display name and the identity provider stand beside the name."""
    [line] = [one for one in provisioned.run("user", "list").output.splitlines() if NUMBER in one]
    assert "Ada Lovelace" in line
    assert "Acme Corp" in line
    [listed] = provisioned.json("user", "list")
    assert ("Ada Lovelace", ["Acme Corp"]) == (listed["display_name"], listed["identity_providers"])
    shown = provisioned.run("user", "show", "u-ada").output
    assert "known as:    Ada Lovelace" in shown
    assert "provider:    Acme Corp" in shown
