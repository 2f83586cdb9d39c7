"""What the console makes of a preset is what a declaration makes of it."""

from pathlib import Path
from typing import Any

import pytest
from tests.contract.presets.filled_connections import NEEDS, PARAMETERS

from jitney.cli.declaration_file import Reader
from jitney.errors import InvalidInput, NotFound
from jitney.model.identity_provider import IdentityProvider
from jitney.model.policy import OnProvisioningFailure
from jitney.model.saml_connection import SAMLConnection
from jitney.settings.resolved import ProvisioningSettings
from jitney.upstream.presets.drafts import PresetDrafts
from jitney.upstream.presets.loading import Preset, load_preset, preset_names

_SECRETS = ("client_secret", "private_key")
DRAFTS = PresetDrafts(",", OnProvisioningFailure.CONTINUE)
DEFAULTS = ProvisioningSettings(False, ",", ())


def given_for(name: str) -> dict[str, str]:
    """The least that an operator answers."""
    preset = load_preset(name)
    parameters = {key: PARAMETERS[key] for key, one in preset.parameters.items() if one.default is None}
    needs = {key: NEEDS[key] for key in preset.needs}
    texts = {key: "\n".join(value) if isinstance(value, list) else str(value) for key, value in needs.items()}
    return {"name": "acme", "display_name": "Acme", **parameters, **texts}


def declared(preset: Preset, folder: Path) -> IdentityProvider:
    """What the command line makes of the same answers."""
    written: dict[str, Any] = {"preset": preset.name, "name": "acme", "display_name": "Acme"}
    written |= {key: PARAMETERS[key] for key, one in preset.parameters.items() if one.default is None}
    for key in preset.needs:
        if key in _SECRETS:
            (folder / key).write_text(str(NEEDS[key]))
            written[f"{key}_file"] = str(folder / key)
        else:
            written[key] = NEEDS[key]
    reader = Reader({}, DEFAULTS)
    return reader.read_tree({"identity_provider": [written]}, folder).identity_providers[0].idp


@pytest.mark.parametrize("name", preset_names())
def test_draft_is_what_a_declaration_of_the_preset_says(name: str, tmp_path: Path) -> None:
    """Issue 7: whoever adds a provider in the console gets the one that a declaration of the same preset makes."""
    assert declared(load_preset(name), tmp_path) == DRAFTS.draft(name, given_for(name))


@pytest.mark.parametrize("name", preset_names())
def test_missing_answers_are_told_all_at_once(name: str) -> None:
    """Issue 7: a blank form is refused with a sentence for each question that is needed; answered, it is taken."""
    preset = DRAFTS.find(name)
    assert preset is not None
    needed = {one.name for one in preset.questions if one.is_needed}
    if needed:
        with pytest.raises(InvalidInput) as caught:
            DRAFTS.draft(name, {"name": "acme", **dict.fromkeys(needed, "  ")})
        assert "preset_refused" == caught.value.code
        assert needed == set(caught.value.fields)
    assert "acme" == DRAFTS.draft(name, given_for(name)).name


def test_discovery_url_is_handed_on_for_its_document_to_be_read() -> None:
    """Issue 7: whether an issuer ends with a slash its document alone says, so a draft cuts nothing off."""
    url = "https://id.acme.example/realms/a/.well-known/openid-configuration"
    assert url == DRAFTS.draft("oidc", given_for("oidc") | {"issuer": f" {url} "}).connection.peer


def test_metadata_document_stands_in_the_place_of_their_address() -> None:
    """Issue 7: a SAML provider whose metadata come as a document has no address of them, and needs none."""
    idp = DRAFTS.draft("saml", {"name": "acme"}, has_document=True)
    assert isinstance(idp.connection, SAMLConnection)
    assert (None, "") == (idp.connection.metadata_url, idp.connection.entity_id)
    with pytest.raises(InvalidInput) as caught:
        DRAFTS.draft("saml", {"name": "acme"})
    assert {"metadata_url"} == set(caught.value.fields)


def test_answers_that_nobody_asked_for_are_not_taken() -> None:
    """R-106: a form that sends more than the page asks for changes nothing beyond it; unknown presets are none."""
    given = given_for("google")
    more = given | {
        "issuer": "https://evil.example",
        "enabled": "",
        "policy.enabled": "on",
        "scopes": "admin",
    }
    assert DRAFTS.draft("google", given) == DRAFTS.draft("google", more)
    assert DRAFTS.find("../google") is None
    with pytest.raises(NotFound) as caught:
        DRAFTS.draft("../google", given)
    assert "preset_unknown" == caught.value.code
