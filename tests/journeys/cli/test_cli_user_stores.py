"""``jitney store``, and user stores in ``jitney apply`` and ``jitney doctor``."""

import socket

import pytest
from tests.journeys.cli.shell import Shell

from jitney.model.changes import AddUser
from jitney.model.user import User, Username
from jitney.testing.standing_clock import NOON

ENG = """
[[user_store]]
domain = "eng"
type = "ldap"
url = "ldaps://ldap.acme.example"
user_base = "ou=people,dc=acme,dc=example"
bind_dn = "cn=jitney,dc=acme,dc=example"
bind_password_env = "BIND"
"""
ADD = ("store", "add", "eng", "--type", "ldap", "--url", "ldaps://ldap.acme.example", "--user-base", "dc=acme",
       "--bind-dn", "cn=jitney,dc=acme", "--bind-password-env", "BIND")  # fmt: skip


@pytest.fixture(autouse=True)
def _secrets(shell: Shell) -> None:
    shell.environment |= {"BIND": "b1nd-pw", "OTHER": "0ther-pw"}


@pytest.fixture
def eng(shell: Shell) -> Shell:
    """A home with a directory that was not tried."""
    assert 0 == shell.run(*ADD, "--untested").exit_code
    return shell


def closed_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def dead(shell: Shell, *more: str) -> list[str]:
    address = f"ldap://127.0.0.1:{closed_port()}"
    return [*(address if word.startswith("ldaps:") else word for word in ADD), "--set", "tls=none", *more]


def test_store_is_added_shown_and_listed(eng: Shell) -> None:
    """A store is shown under the keys of a declaration, with what rests on it."""
    told = eng.json("store", "show", "eng")
    assert ("ENG", "ldap", "ldaps://ldap.acme.example", "tls", "set", 0, []) == tuple(
        told[key]
        for key in ("domain", "type", "url", "tls", "bind_password", "accounts", "identity_providers")
    )
    assert ["ENG"] == [one["domain"] for one in eng.json("store", "list")]
    assert "ldaps://ldap.acme.example" in eng.run("store", "list").output
    assert "bind_password:               set\n" in eng.run("store", "show", "ENG").output


def test_password_of_a_store_comes_out_of_no_command(eng: Shell) -> None:
    """R-044: a bind password is write-only; whether there is one is all that is said."""
    outputs = [
        eng.run(*arguments).output
        for arguments in (
            ("store", "list"), ("store", "list", "--json"), ("store", "show", "eng"),
            ("store", "show", "eng", "--json"), ("store", "edit", "eng", "--url", "ldaps://b.example"),
            ("apply", "--dry-run", eng.write("eng.toml", ENG)), ("store", "disable", "eng"),
        )
    ]  # fmt: skip
    assert not any("b1nd-pw" in output for output in outputs)


def test_store_that_cannot_be_reached_is_added_only_untested(shell: Shell) -> None:
    """A store is tried before it is kept; what is wrong is told step by step, with what to do."""
    refused = shell.run(*dead(shell))
    assert 1 == refused.exit_code
    assert "why:  BAD   connection" in refused.stderr
    assert "--untested" in refused.stderr
    assert "code: user_store_trial_failed" in refused.stderr
    assert [] == shell.json("store", "list")
    added = shell.run(*dead(shell, "--untested"))
    assert "Added the user store ENG.\nIt was not tried: jitney store test ENG.\n" in added.output


def test_test_ends_with_one_where_a_store_is_bad(shell: Shell) -> None:
    """The exit code of a test says whether the store can be used, and the steps say why not."""
    shell.run(*dead(shell, "--untested"))
    told = shell.run("store", "test", "eng")
    assert 1 == told.exit_code
    assert "It cannot be used as it is." in told.output
    assert 1 == shell.run("store", "test", "eng", "--json").exit_code
    shell.run("store", "add", "branch", "--type", "own_database")
    good = shell.run("store", "test", "branch")
    assert (0, "BRANCH:") == (good.exit_code, good.output.splitlines()[0])


def test_draft_in_a_file_is_tried_and_not_kept(shell: Shell) -> None:
    """A declaration can be tried before it is applied."""
    text = ENG.replace("ldaps://ldap.acme.example", f"ldap://127.0.0.1:{closed_port()}") + 'tls = "none"\n'
    told = shell.run("store", "test", "--file", shell.write("eng.toml", text))
    assert 1 == told.exit_code
    assert "ENG:\n" in told.output
    assert [] == shell.json("store", "list")
    draft = shell.write("branch.toml", '[[user_store]]\ndomain = "branch"\ntype = "own_database"\n')
    assert shell.json("store", "test", "--file", draft)["BRANCH"]["good"]
    assert 2 == shell.run("store", "test", "nosuch", "--file", draft).exit_code
    assert 2 == shell.run("store", "test").exit_code


def test_edit_changes_what_is_stated_and_keeps_the_rest(eng: Shell) -> None:
    """What is not stated stays, the password too; an empty text takes away what may be missing."""
    edited = eng.run(
        "store", "edit", "eng", "--set", "read_only=true", "--set", "group_base=ou=groups,dc=acme",
        "--attribute", "department=ou", "--attribute", "locale=", "--set", "ReadTimeout=2000",
    )  # fmt: skip
    assert (0, "ENG is as wanted now. To try it: jitney store test ENG.\n") == (
        edited.exit_code,
        edited.output,
    )
    told = eng.json("store", "show", "eng")
    assert (True, "ou=groups,dc=acme", "ou", "mail", "set", 2.0) == (
        told["read_only"], told["group_base"], told["attributes"]["department"], told["attributes"]["email"],
        told["bind_password"], told["read_seconds"],
    )  # fmt: skip
    assert "locale" not in told["attributes"]
    assert 0 == eng.run("store", "edit", "eng", "--set", "group_base=").exit_code
    assert eng.json("store", "show", "eng")["group_base"] is None


def test_edit_that_moves_a_store_needs_its_password_anew(eng: Shell) -> None:
    """R-044: a changed address clears the password, and the command says so and what to do."""
    refused = eng.run("store", "edit", "eng", "--url", "ldaps://evil.example")
    assert 1 == refused.exit_code
    assert "  why:  bind_password: The stored password was cleared" in refused.stderr
    moved = eng.run("store", "edit", "eng", "--url", "ldaps://b.example", "--bind-password-env", "OTHER")
    assert 0 == moved.exit_code
    off = eng.run("store", "edit", "eng", "--url", "ldaps://c.example", "--set", "enabled=false")
    assert "Warning: bind_password: the stored password was cleared" in off.output
    assert "not set" == eng.json("store", "show", "eng")["bind_password"]
    assert 1 == eng.run("store", "enable", "eng").exit_code


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("user_bse=x", "Did you mean user_store ENG.user_base?"),
        ("password=hunter2", "a secret does not stand in this file"),
        ("users_table=people", "A store of the type ldap has no such key."),
        ("type=sql", "The type of a store is given when it is added"),
    ],
)
def test_option_that_is_not_understood_is_told(eng: Shell, option: str, told: str) -> None:
    """A key behind ``--set`` is judged as one in a file."""
    refused = eng.run("store", "edit", "eng", "--set", option)
    assert 1 == refused.exit_code
    assert told in refused.stderr
    assert "hunter2" not in refused.output
    assert 2 == eng.run("store", "edit", "eng", "--set", "read_only").exit_code


def test_fault_of_a_store_sends_the_operator_to_its_test(shell: Shell) -> None:
    """A store that does not answer is told with what finds out why."""
    assert 0 == shell.run(*dead(shell, "--untested")).exit_code
    refused = shell.run("user", "show", "ENG/ada")
    assert (4, True) == (refused.exit_code, "next: Try the user store (jitney store test" in refused.stderr)


def test_store_is_switched_off_and_on(shell: Shell) -> None:
    """Switching off says whose people it stops."""
    shell.run("store", "add", "branch", "--type", "own_database")
    idp = '[[identity_provider]]\nname = "acme"\nissuer = "https://acme.example"\nclient_id = "j"\n'
    placed = 'client_secret_env = "OTHER"\n[identity_provider.provisioning]\nplacement = "branch"\n'
    assert 0 == shell.run("apply", shell.write("acme.toml", idp + placed)).exit_code
    off = shell.run("store", "disable", "branch")
    assert "Warning: New people of acme are placed in BRANCH, and refused for now.\n" in off.output
    assert not shell.json("store", "show", "branch")["enabled"]
    assert "Enabled BRANCH.\n" == shell.run("store", "enable", "branch").output
    refused = shell.run("store", "remove", "branch", "--yes")
    assert "code: user_store_in_use" in refused.stderr
    assert "acme" in refused.stderr


def test_removal_asks_and_forgets_accounts_only_when_told(eng: Shell) -> None:
    """Removing asks first; accounts that are known here go only with ``--with-accounts``, page by page."""
    people = [
        User(f"u{at:03}", Username("ENG", f"p{at}", f"p{at}"), NOON, entry=f"e{at}") for at in range(120)
    ]
    eng.commit(*map(AddUser, people))
    refused = eng.run("store", "remove", "eng", stdin="y\n")
    assert (1, True) == (refused.exit_code, "--with-accounts" in refused.stderr)
    kept = eng.run("store", "remove", "eng", "--with-accounts", stdin="n\n")
    assert "forget 120 accounts with their links, sessions and receipts?" in kept.output
    assert "stays as it is" in kept.output
    assert 120 == eng.json("store", "show", "eng")["accounts"]
    gone = eng.run("store", "remove", "eng", "--with-accounts", "--yes")
    assert "100 of 120 accounts forgotten.\n120 of 120 accounts forgotten.\nRemoved ENG.\n" in gone.output
    assert [] == eng.json("store", "list")


def test_removal_of_an_empty_store_asks(eng: Shell) -> None:
    """A store on which nothing rests is removed after a question."""
    assert 1 == eng.run("store", "remove", "eng", stdin="n\n").exit_code
    assert 0 == eng.run("store", "remove", "eng", stdin="y\n").exit_code
    gone = eng.run("store", "show", "eng")
    assert "code: user_store_not_found" in gone.stderr
    assert "jitney store list" in gone.stderr


def test_declared_store_is_planned_and_kept(shell: Shell) -> None:
    """``jitney apply`` prints what it would change, applies it, and finds nothing to do the second time."""
    file = shell.write("eng.toml", ENG)
    assert "+ user store ENG\n" in shell.run("apply", "--dry-run", file).output
    assert 0 == shell.run("apply", file).exit_code
    assert "Nothing to change: all is as declared.\n" == shell.run("apply", file).output
    shell.write("eng.toml", ENG + "read_groups = false\n")
    assert "~ user store ENG: read_groups\n" in shell.run("apply", file).output


def test_plain_password_of_a_store_is_refused(shell: Shell) -> None:
    """R-044: a password in the declaration itself is refused under WSO2's name too, and not printed."""
    text = ENG.replace("bind_password_env", "ConnectionPassword")
    result = shell.run("apply", shell.write("bad.toml", text))
    assert 1 == result.exit_code
    assert "bad.toml: user_store[1].bind_password: a secret does not stand in this file" in result.stderr
    assert "BIND" not in result.output


def test_faults_of_a_declared_store_are_named_as_in_the_file(shell: Shell) -> None:
    """Every fault stands under the key that the file has for it, all at once."""
    text = (
        ENG.replace("ou=people,dc=acme,dc=example", "people") + 'username_pattern = "("\ngroup_filter = "x"\n'
    )
    result = shell.run("apply", shell.write("bad.toml", text))
    for key in ("user_base", "username_pattern", "group_filter"):
        assert f"why:  user_store ENG: {key}: " in result.stderr
    assert [] == shell.json("store", "list")


def test_doctor_knocks_on_every_enabled_store(shell: Shell) -> None:
    """A store that does not answer is told with the step that failed; one that is switched off is not asked."""
    shell.run(*dead(shell, "--untested"))
    shell.run("store", "add", "branch", "--type", "own_database")
    told = shell.run("doctor")
    assert "ILL   user store ENG" in told.output
    assert "well  user store BRANCH" in told.output
    shell.run("store", "disable", "eng")
    assert "ENG" not in shell.run("doctor").output
