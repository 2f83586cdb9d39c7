"""``jitney idp remove``: the plan, the question, the bar, and how far it is."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.journeys.cli.shell import Shell

from jitney.model.account_link import AccountLink
from jitney.model.changes import AddAccountLink, AddUser
from jitney.model.user import User, Username

ADD = ("idp", "add", "acme", "--issuer", "https://login.acme.example", "--client-id", "jitney",
       "--client-secret-env", "SECRET")  # fmt: skip
SETTINGS = "[authentication.jit_provisioning]\nenable_enhanced_feature = true\n"
NOW = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def home(shell: Shell) -> Shell:
    """A home with a provider that has brought ada, and that also opens grace, who was here before."""
    shell.environment["SECRET"] = "s" * 40
    shell.write("conf/deployment.toml", SETTINGS)
    assert 0 == shell.run(*ADD).exit_code
    idp = shell.json("idp", "show", "acme")["id"]
    for name, origin in (("ada", idp), ("grace", None)):
        user = User(f"u-{name}", Username("PRIMARY", name, name), NOW, origin=origin)
        link = AccountLink(idp, f"s-{name}", user.id, "PRIMARY", NOW)
        shell.commit(AddAccountLink(link), AddUser(user))
    return shell


def people(home: Shell) -> list[str]:
    return [one["username"]["name"] for one in home.json("user", "list")]


def counts(record: dict[str, Any]) -> dict[str, int]:
    return {name: number for name, number in record.items() if number}


def test_plan_is_printed_and_changes_nothing(home: Shell) -> None:
    """R-034: the plan says how many go and who is kept, for people and for programs."""
    told = home.run("idp", "remove", "acme", "--plan")
    assert 0 == told.exit_code, told.output
    assert "Removing acme (acme), with 2 people:" in told.output
    assert "1 to be deleted" in told.output
    assert "grace: not provisioned by it" in told.output
    plan = home.json("idp", "remove", "acme", "--plan")
    assert {"deleted": 1, "not_provisioned_by_it": 1} == counts(plan["counts"])
    assert "secret" not in str(plan)
    assert ["ada", "grace"] == people(home)
    assert 0 == home.run("idp", "show", "acme").exit_code


def test_name_must_be_typed_and_then_all_goes_as_planned(home: Shell) -> None:
    """R-034: what cannot be undone is asked for by its name; with --wait it is done when the command ends."""
    wrong = home.run("idp", "remove", "acme", "--wait", stdin="acne\n")
    assert (1, ["ada", "grace"]) == (wrong.exit_code, people(home))
    assert "Nothing was changed." in wrong.output
    done = home.run("idp", "remove", "acme", "--wait", stdin="acme\n")
    assert 0 == done.exit_code, done.output
    assert "acme was removed" in done.output
    assert ["grace"] == people(home)
    ended = home.json("idp", "removal", "acme")
    assert ({"deleted": 1, "not_provisioned_by_it": 1}, "done") == (counts(ended["done"]), ended["phase"])
    assert 1 == home.run("idp", "show", "acme").exit_code


def test_removal_under_way_is_told_of_and_waited_for(home: Shell) -> None:
    """R-147: without --wait it is begun and goes on later; list, show and removal say how far it is."""
    begun = home.run("idp", "remove", "acme", "--yes")
    assert 0 == begun.exit_code, begun.output
    assert "acme is being removed" in begun.output
    assert ["ada", "grace"] == people(home)
    for told in (
        home.run("idp", "list"),
        home.run("idp", "show", "acme"),
        home.run("idp", "removal", "acme"),
    ):
        assert "0 of 2 people" in told.output
    assert 0 == home.run(*ADD).exit_code, "its name is free at once"
    assert 0 == home.run("idp", "removal", "acme", "--wait").exit_code
    assert ["grace"] == people(home)
    assert "is being removed" not in home.run("idp", "list").output


def test_provider_in_use_is_refused_before_anything_is_asked(home: Shell) -> None:
    """jit.md 10: an application that names the provider stops it, is told of, and is let be with --force."""
    application = '[[application]]\nid = "wiki"\nredirect_uris = "https://wiki.example/cb"\n'
    file = home.write("wiki.toml", application + 'identity_providers = ["acme"]\n')
    assert 0 == home.run("apply", file).exit_code
    refused = home.run("idp", "remove", "acme", "--yes")
    assert 1 == refused.exit_code
    assert "wiki (wiki), to which nobody could come any more" in refused.output
    assert "--force" in refused.output
    assert "identity_provider_in_use" in refused.output
    assert 0 == home.run("idp", "show", "acme").exit_code
    removed = home.run("idp", "remove", "acme", "--yes", "--force", "--wait", "--json")
    assert 0 == removed.exit_code, removed.output
    assert ["removed:acme"] == home.json("app", "list")[0]["identity_providers"]


def test_provider_of_nobody_is_gone_when_the_command_ends(shell: Shell) -> None:
    """R-147: where there is nobody to go through, nothing is left for a server to do."""
    shell.environment["SECRET"] = "s" * 40
    shell.run(*ADD)
    assert "acme was removed" in shell.run("idp", "remove", "acme", stdin="acme\n").output
    assert "done" == shell.json("idp", "removal", "acme")["phase"]


def test_programs_are_asked_nothing(home: Shell) -> None:
    """With --json a command asks no question: it says that one of two options is needed."""
    assert 2 == home.run("idp", "remove", "acme", "--json").exit_code
    unknown = home.run("idp", "removal", "nobody")
    assert (1, True) == (unknown.exit_code, "provider_removal_not_found" in unknown.output)
    assert 1 == home.run("idp", "remove", "nobody", "--yes").exit_code


def test_disabled_provider_says_whether_sessions_were_ended(home: Shell) -> None:
    """P-7: disabling is undone by enabling; with --end-sessions it signs people out too."""
    assert "Disabled acme.\n" == home.run("idp", "disable", "acme").output
    ended = home.run("idp", "disable", "acme", "--end-sessions").output
    assert "Disabled acme, and ended the sessions that it began.\n" == ended
    assert "Enabled acme.\n" == home.run("idp", "enable", "acme").output
