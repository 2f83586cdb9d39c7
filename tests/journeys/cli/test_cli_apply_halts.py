"""``jitney apply`` that fails half-way: it says what failed and what was done, and goes on when it is mended."""

import json
import re
import sys
from collections.abc import Iterator

import pytest
from tests.journeys.cli.shell import Shell
from tests.servers.process import ServerProcess

from jitney.testing.fake_saml_provider import FakeSAMLProvider

TWO_PROVIDERS = """
[[identity_provider]]
name = "acme"
issuer = "https://login.acme.example"
client_id = "jitney"
client_secret_env = "SECRET"

[[identity_provider]]
name = "campus"
type = "saml"
metadata_url = "{place}/campus.xml"

[[role]]
name = "engineers"
"""

SECRET_FIRST = """
[[identity_provider]]
name = "acme"
issuer = "https://login.acme.example"
client_id = "jitney"
client_secret_env = "SECRET"

[[application]]
id = "wiki"
redirect_uris = "https://wiki.example/cb"

[[user]]
name = "ada"
link = { identity_provider = "acme", subject = "1" }

[[user]]
name = "grace"
link = { identity_provider = "acme", subject = "1" }
"""


@pytest.fixture
def home(shell: Shell) -> Shell:
    shell.environment["SECRET"] = "s" * 40
    return shell


@pytest.fixture
def place(home: Shell) -> Iterator[str]:
    """The address at which the folder ``published`` of this home is served, and which it may call."""
    home.write("published/campus.xml", "<html>Not found</html>")
    folder = str(home.home / "published")
    command = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder]
    process = ServerProcess("metadata", [sys.executable, *command])
    found = process.start(lambda log: re.search(r"port (\d+)", log))
    home.write("conf/deployment.toml", f'[outgoing]\nallow = ["127.0.0.1:{found[1]}"]\n')
    yield f"http://127.0.0.1:{found[1]}"
    process.stop()


def test_step_that_fails_is_named_and_the_rest_follows_when_it_is_mended(home: Shell, place: str) -> None:
    """What was done before the fault is told, never denied; applied again after the mending, all is there."""
    file = home.write("two.toml", TWO_PROVIDERS.format(place=place))
    halted = home.run("apply", file)
    assert (1, ["acme"]) == (halted.exit_code, [idp["name"] for idp in home.json("idp", "list")])
    assert "  at:   identity provider campus\n" in halted.stderr
    assert "  done: 2 of 3 steps were taken; run it again when this is mended.\n" in halted.stderr
    assert "othing was changed" not in halted.output
    assert " changed.\n" not in halted.stdout
    again = home.run("apply", file)
    assert "  done: 0 of 1 steps were taken; run it again when this is mended.\n" in again.stderr
    home.write("published/campus.xml", FakeSAMLProvider("https://idp.campus.example").metadata().decode())
    mended = home.run("apply", file)
    assert (0, True) == (mended.exit_code, mended.stdout.endswith("\n1 changed.\n"))
    assert "Nothing to change: all is as declared.\n" == home.run("apply", file).output


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_secret_that_was_made_before_the_fault_is_shown(home: Shell, flags: tuple[str, ...]) -> None:
    """The secret of an application is shown this once, though a later step failed; programs are told both."""
    halted = home.run("apply", home.write("secret.toml", SECRET_FIRST), *flags)
    assert (1, ["wiki"]) == (halted.exit_code, [one["id"] for one in home.json("app", "list")])
    assert "  at:   user grace\n" in halted.stderr
    if not flags:
        assert "The secret of wiki, shown this once: " in halted.stdout
        return
    told = json.loads(halted.stdout)
    assert (3, ["wiki"], 4) == (told["applied"], list(told["secrets"]), len(told["steps"]))
    assert {**told["steps"][3], "code": "account_link_taken"} == told["failed"]
    others = '"2"'.join(SECRET_FIRST.rsplit('"1"', 1))
    mended = home.json("apply", home.write("secret.toml", others))
    assert (None, {}) == (mended["failed"], mended["secrets"])
