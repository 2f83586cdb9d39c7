"""What the how-to pages tell people to write and to run works as it stands there."""

import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.journeys.cli.shell import Shell
from tests.servers.certificates import TestAuthority

from jitney.model.changes import AddConsentReceipt
from jitney.model.consent import ConsentedPurpose, ConsentReceipt, DataController
from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml_provider import FakeSAMLProvider

HOW_TO = Path(__file__).parents[3] / "docs" / "how-to"
SETTINGS = "conf/deployment.toml"
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8"/></svg>'


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a page, each with its language."""
    return iter(re.findall(r"```(\w+)\n(.*?)```", (HOW_TO / page).read_text(), re.DOTALL))


@pytest.fixture
def home(shell: Shell) -> Shell:
    """A home with the people and the files that the pages take for granted."""
    shell.environment |= {"ACME_SECRET": "s" * 32, "INTRANET_SECRET": "i" * 32}
    shell.environment |= {f"{store}_PASSWORD": "p" * 32 for store in ("ENG", "CORP", "SHOP")}
    authority = TestAuthority(shell.home)
    for name in ("acme-ca.pem", "corp-ca.pem"):
        shell.write(name, authority.ca_file.read_text())
    for name in ("ada", "grace"):
        assert 0 == shell.run("user", "add", name, "--attribute", f"email={name}@acme.example").exit_code
    said = ConsentedPurpose("p-1", "Staff directory", "", 1, ("email",))
    ada, now = shell.json("user", "show", "ada")["user"]["id"], datetime(2026, 11, 2, tzinfo=UTC)
    receipt = ConsentReceipt("r-1", ada, now, "en", "DE", DataController("Acme"), "", "I", (said,), "i", "A")
    shell.commit(AddConsentReceipt(receipt))
    provider, federation = FakeSAMLProvider("https://idp.campus.example"), rsa_key("the federation")
    shell.write("campus.xml", provider.metadata().decode())
    shell.write("campus-metadata.pem", federation.certificate)
    shell.write("brand/logo.svg", DRAWING)
    shell.write("brand/static/acme.css", "body { margin: 0 }\n")
    return shell


@pytest.mark.parametrize("page", sorted(path.name for path in HOW_TO.glob("*.md")))
def test_page_works_as_it_is_written(home: Shell, page: str) -> None:
    """Every file of a how-to page is accepted, and every command ends well."""
    for language, text in blocks(page):
        match language:
            case "toml":
                _keep(home, text)
            case "json":
                home.write("ada.json", text)
            case "html" if "{% extends" in text:
                home.write("brand/templates/base.html", text)
                _keep(home, f'# {SETTINGS}\n[pages]\ntheme_folder = "brand"\n')
            case "sh":
                for line in text.splitlines():
                    _run(home, line)
            case _:
                pass


def _keep(home: Shell, text: str) -> None:
    """Write a file under the name in its first line; settings are judged at once, and put away again."""
    name = text.splitlines()[0].removeprefix("# ")
    file = Path(home.write(name, text))
    if name == SETTINGS:
        assert {"faults": [], "warnings": [], "sound": True} == home.json("check")
        file.unlink()


def _run(home: Shell, line: str) -> None:
    words = shlex.split(line.replace("RECEIPT", "r-1"))
    assert "jitney" == words[0], line
    arguments = [
        str(home.home / word) if word.endswith((".toml", ".json", ".xml")) else word for word in words[1:]
    ]
    result = home.run(*arguments)
    assert 0 == result.exit_code, f"{line}\n{result.output}"
