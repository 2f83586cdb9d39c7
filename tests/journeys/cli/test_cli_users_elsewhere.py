"""``jitney user`` for the users of another database: what is made there, what is shown, what is only forgotten."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.journeys.cli.shell import Shell

from jitney.model.changes import AddUser, PublishUser, SetUserState
from jitney.model.user import User, Username, UserState

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


@pytest.fixture
def branch(tmp_path: Path) -> Shell:
    """A shell whose home has a store ENG in a database file of its own, with Ada in it."""
    shell = Shell(tmp_path)
    url = f"sqlite:///{tmp_path / 'eng.db'}"
    added = shell.run("store", "add", "ENG", "--type", "sql", "--url", url, "--set", "owns_tables=true")
    assert 0 == added.exit_code, added.output
    shell.write("password", "correct-horse")
    made = shell.run(
        "user", "add", "ada", "--domain", "eng", "--attribute", "email=ada@eng.example", "--password-file",
        str(tmp_path / "password"),
    )  # fmt: skip
    assert 0 == made.exit_code, made.output
    return shell


def rows(shell: Shell) -> list[str]:
    """Return the names that stand in the other database."""
    with closing(sqlite3.connect(shell.home / "eng.db")) as database:
        return [name for (name,) in database.execute("SELECT name FROM jitney_people ORDER BY name")]


def kept(shell: Shell, state: UserState) -> None:
    """Keep a record of Carl in a state in which only a crash leaves him."""
    user = User("u-carl", Username("ENG", "carl", "carl"), NOW, state=UserState.PENDING)
    shell.commit(AddUser(user))
    if state is not UserState.PENDING:
        shell.commit(PublishUser("u-carl", "row-of-carl"))
    if state is UserState.LEAVING:
        shell.commit(SetUserState("u-carl", 1, UserState.LEAVING, None))


def test_user_is_added_shown_and_removed_where_it_lives(branch: Shell) -> None:
    """jit.md 11: the command line makes the row there, shows it as any user, and removes it again."""
    assert ["ada"] == rows(branch)
    shown = branch.run("user", "show", "ENG/ada").output
    assert "email = ada@eng.example  (by operator the command line)" in shown
    assert "came from:   an operator, or user store ENG" in shown
    assert "ENG/ada" in branch.run("user", "list", "--domain", "ENG").output
    assert 0 == branch.run("user", "remove", "ENG/ada", "--yes").exit_code
    assert [] == rows(branch)


def test_forgotten_user_is_a_stranger_of_the_store(branch: Shell) -> None:
    """P-4: --forget leaves the row; what is shown then was given by the user store, and is not removed here."""
    forgot = branch.run("user", "remove", "ENG/ada", "--forget", "--yes")
    assert ("Forgot ENG/ada.\n", ["ada"]) == (forgot.output, rows(branch))
    shown = branch.run("user", "show", "ENG/ada").output
    for line in ("created:     not known", "came from:   user store ENG", "(by user store ENG)"):
        assert line in shown
    refused = branch.run("user", "remove", "ENG/ada", "--yes")
    assert (1, ["ada"]) == (refused.exit_code, rows(branch))
    assert "code: entry_not_ours" in refused.stderr
    assert "--forget" in refused.stderr
    nothing = branch.run("user", "remove", "ENG/ada", "--forget", "--yes")
    assert "code: user_not_recorded" in nothing.stderr


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (UserState.PENDING, "pending: being made in its user store"),
        (UserState.LEAVING, "leaving: being removed from its user store"),
        (UserState.GONE, "gone: its entry has vanished from its user store"),
    ],
)
def test_state_that_does_not_speak_for_itself_is_explained(
    branch: Shell, state: UserState, words: str
) -> None:
    """P-2: an operator sees who is half way, in words."""
    kept(branch, state)
    assert f"state:       {words}" in branch.run("user", "show", "u-carl").output
    assert state.value in branch.run("user", "list", "--domain", "ENG").output


def test_user_whose_row_has_vanished_can_still_be_removed(branch: Shell) -> None:
    """R-015: somebody took the row away; the operator is told, and removes what is left."""
    with closing(sqlite3.connect(branch.home / "eng.db")) as database:
        database.execute("DELETE FROM jitney_people")
        database.commit()
    refused = branch.run("user", "set-password", "ENG/ada", "--password-file", str(branch.home / "password"))
    assert "code: entry_gone" in refused.stderr
    assert "jitney user remove USER" in refused.stderr
    assert 0 == branch.run("user", "remove", "ENG/ada", "--yes").exit_code
    assert "user_not_found" in branch.run("user", "show", "ENG/ada").stderr


def test_listing_tells_that_there_may_be_more(branch: Shell) -> None:
    """R-151: a page that is full says where the next one begins."""
    assert (
        "There may be more: --after ada"
        in branch.run("user", "list", "--domain", "ENG", "--limit", "1").output
    )
    assert "There may be more" not in branch.run("user", "list", "--domain", "ENG").output
