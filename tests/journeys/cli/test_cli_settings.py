"""``check``, ``doctor``, ``migrate``, ``serve`` and ``set-up``."""

import socket

import pytest
from tests.journeys.cli.shell import Shell

from jitney.cli import main
from jitney.cli.serving import bind
from jitney.errors import Misconfigured


def test_check_reports_every_fault_and_changes_nothing(shell: Shell) -> None:
    """A file with three mistakes: each with its path, exit code 3, and nothing made in the home."""
    shell.write("conf/deployment.toml", '[server]\nport = -1\nprot = 1\n[log]\nlevel = "loud"\n')
    result = shell.run("check")
    assert 3 == result.exit_code
    for path in ("server.port", "server.prot", "log.level"):
        assert f"Fault:   {path}: " in result.output
    assert ["conf"] == [path.name for path in shell.home.iterdir()]


def test_check_of_sound_settings_ends_well(shell: Shell) -> None:
    """With nothing wrong, check says so, and ends with 0."""
    assert {"faults": [], "warnings": [], "sound": True} == shell.json("check")


def test_command_with_wrong_settings_says_what_why_and_next(shell: Shell) -> None:
    """Every error names what happened, why, and what to do next."""
    shell.write("conf/deployment.toml", "[server]\nport = -1\n")
    result = shell.run("idp", "list")
    assert 3 == result.exit_code
    for part in ("Error: ", "  why:  server.port: ", "  next: ", "  code: settings_refused"):
        assert part in result.stderr


def test_doctor_knocks_on_every_door(shell: Shell) -> None:
    """Doctor finds all well in an empty home, and names a provider that does not answer, with exit code 4."""
    assert all(knock["well"] for knock in shell.json("doctor"))
    shell.environment["SECRET"] = "s" * 22
    shell.run(
        "idp",
        "add",
        "gone",
        "--issuer",
        "https://gone.invalid",
        "--client-id",
        "x",
        "--client-secret-env",
        "SECRET",
    )
    result = shell.run("doctor")
    assert 4 == result.exit_code
    assert "ILL   identity provider gone" in result.output


def test_migrate_can_be_repeated(shell: Shell) -> None:
    """Bringing the schema up to date twice is no harm."""
    assert [0, 0] == [shell.run("migrate").exit_code for _ in range(2)]


def test_second_server_on_a_used_port_says_so_plainly(shell: Shell) -> None:
    """A used port ends in a sentence with the address and the next step, before anything is made."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        shell.write("conf/deployment.toml", f"[server]\nport = {port}\n")
        result = shell.run("serve")
    assert 3 == result.exit_code
    assert f"Error: The address 127.0.0.1:{port} is in use" in result.stderr
    assert "code: address_in_use" in result.stderr
    assert not (shell.home / "data").exists()


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid"])
def test_address_that_is_not_ours_is_named(host: str) -> None:
    """Listening on another machine's address is refused with the setting's path."""
    bind("127.0.0.1", 0).close()
    with pytest.raises(Misconfigured) as refused:
        bind(host, 0)
    assert ("address_unknown", "server.host") == (refused.value.code, refused.value.path)


def test_set_up_prints_a_new_link(shell: Shell) -> None:
    """R-118: whoever has the machine in hand can have a new one-time link."""
    first, second = (shell.run("set-up").output.split("token=")[1].strip() for _ in range(2))
    assert first != second


def test_every_command_shows_an_example() -> None:
    """The help of each command ends with examples."""
    bare = [name for name, command in main.commands.items() if "\b\n" not in _helps(command)]
    assert [] == bare


def _helps(command: object) -> str:
    below = getattr(command, "commands", {}).values()
    return min((_helps(one) for one in below), key=len, default=getattr(command, "help", "") or "")
