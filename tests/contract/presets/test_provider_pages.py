"""What the pages about well-known providers tell people to write is what the command line accepts."""

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jitney.administration.providers.connection_rules import find_connection_faults
from jitney.administration.providers.saml_connection_rules import SAMLSurroundings
from jitney.cli.declaration_file import Reader
from jitney.cli.identity_provider_options import as_declared
from jitney.cli.identity_providers import add
from jitney.model.identity_provider import IdentityProvider
from jitney.settings.resolved import ProvisioningSettings
from jitney.upstream.presets.loading import load_preset, preset_names

PAGES = Path(__file__).parents[3] / "docs" / "how-to" / "providers"
SETTINGS = ProvisioningSettings(refuse_on_failure=True, role_separator="", indelible_attributes=())
SURROUNDINGS = SAMLSurroundings(
    check=lambda _connection: {}, expiry_of=lambda _certificate: None, now=datetime(2026, 11, 23, tzinfo=UTC)
)


@pytest.fixture
def reader() -> Reader:
    """Read with every secret that the pages name."""
    pages = "".join(path.read_text() for path in PAGES.glob("*.md"))
    return Reader(dict.fromkeys(re.findall(r"[A-Z0-9_]+_SECRET", pages), "s" * 32), SETTINGS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Hold the files that the pages take for granted."""
    (tmp_path / "AuthKey_2X9R4HXF34.p8").write_text("a key")
    return tmp_path


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of a page in this language."""
    return re.findall(rf"```{language}\n(.*?)```", (PAGES / f"{name}.md").read_text(), re.DOTALL)


def faults_of(idp: IdentityProvider) -> dict[str, str]:
    return dict(find_connection_faults(idp.connection, SURROUNDINGS, http_allowed=False))


@pytest.mark.parametrize("name", preset_names())
def test_file_of_a_page_declares_the_provider(name: str, reader: Reader, folder: Path) -> None:
    """Issue 5: the page of each preset has a file for it, which is read and may be saved as it stands there."""
    file = folder / f"{name}.toml"
    (text,) = blocks(name, "toml")
    file.write_text(text)
    declared = [one.idp for one in reader.read_files([file]).identity_providers]
    assert declared
    assert [{}] * len(declared) == [faults_of(idp) for idp in declared]
    assert f'preset = "{name}"' in text
    assert f"# {name}.toml" == text.splitlines()[0]


@pytest.mark.parametrize("name", preset_names())
def test_command_of_a_page_declares_the_same_connection(name: str, reader: Reader, folder: Path) -> None:
    """Issue 5: the one command of the page says what its file says."""
    file = folder / f"{name}.toml"
    file.write_text(blocks(name, "toml")[0])
    declared = {one.idp.name: one.idp for one in reader.read_files([file]).identity_providers}
    commands = [line for line in blocks(name, "sh")[-1].replace("\\\n", " ").splitlines() if line]
    assert len(declared) == len(commands)
    for command in commands:
        words = shlex.split(command)
        assert ["jitney", "idp", "add"] == words[:3]
        said = add.make_context("add", words[3:]).params
        provisioning = {"enabled": said.pop("provision")}
        tree = {"name": said.pop("name"), "provisioning": provisioning, **as_declared(said)}
        (read,) = reader.read_tree({"identity_provider": [tree]}, folder).identity_providers
        assert {} == faults_of(read.idp)
        assert type(declared[read.idp.name].connection) is type(read.idp.connection)
        assert declared[read.idp.name].connection.peer == read.idp.connection.peer


@pytest.mark.parametrize("name", preset_names())
def test_page_says_what_must_be_done_on_both_sides(name: str) -> None:
    """Issue 5: steps there, file here, what comes, what is particular, how to try it, what may go wrong."""
    page = (PAGES / f"{name}.md").read_text()
    heads = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert heads[0].startswith("At ")
    assert ["In Jitney", "What comes", "What is particular", "Try it", "When it does not work"] == heads[1:]
    address = "/saml/" if load_preset(name).type == "saml" else "https://id.acme.example/callback/"
    assert address in page
    assert f"]({name}.md)" in (PAGES / "README.md").read_text()
