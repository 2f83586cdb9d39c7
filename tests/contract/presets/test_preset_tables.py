"""Each table of a well-known provider is complete and sound, and never takes what changes for a subject."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.contract.presets.filled_connections import (
    MAPPING_KEYS,
    NEEDS,
    PARAMETERS,
    TENANT,
    connection_of,
    keys_of,
)

from jitney.administration.providers.connection_claims import is_mutable
from jitney.administration.providers.connection_rules import find_connection_faults
from jitney.administration.providers.saml_connection_rules import EMAIL_ADDRESS, TRANSIENT, SAMLSurroundings
from jitney.errors import InvalidInput, NotFound
from jitney.model.connection import OAuth2Connection
from jitney.model.saml_connection import SAMLConnection
from jitney.upstream.presets.loading import FORMS, Preset, load_preset, preset_names

WELL_KNOWN = {
    "google", "microsoft-entra", "microsoft-entra-multi-tenant", "github", "gitlab", "facebook", "apple",
    "linkedin", "x", "yahoo", "okta", "auth0", "keycloak", "adfs", "adfs-saml", "oidc", "oauth2", "saml",
}  # fmt: skip
SAML_SURROUNDINGS = SAMLSurroundings(
    check=lambda _connection: {}, expiry_of=lambda _certificate: None, now=datetime(2026, 11, 23, tzinfo=UTC)
)


def written_for(preset: Preset) -> dict[str, Any]:
    """The least that an operator writes for a preset."""
    parameters = {name: PARAMETERS[name] for name, one in preset.parameters.items() if one.default is None}
    return {"preset": preset.name, "name": "acme", **parameters, **{key: NEEDS[key] for key in preset.needs}}


def test_all_well_known_providers_have_a_preset() -> None:
    """Issue 5: one preset for each of them, and the generic ones."""
    assert set() == WELL_KNOWN - set(preset_names())


@pytest.mark.parametrize("name", preset_names())
def test_table_says_only_what_a_declaration_knows(name: str) -> None:
    """A preset's keys are those of a declaration, its sources are public pages, its parameters are all used."""
    preset = load_preset(name)
    assert set() == set(preset.identity_provider) - keys_of(preset.type) - MAPPING_KEYS
    assert set() == set(preset.needs) - keys_of(preset.type)
    assert set() == set(preset.parameters) & keys_of(preset.type)
    assert all(source.url.startswith("https://") and source.says.endswith(".") for source in preset.sources)
    assert preset.title
    assert preset.sources
    assert all(one.form in FORMS and one.says.endswith(".") for one in preset.parameters.values())
    used = set(re.findall(r"<([a-z_]+)>", repr(dict(preset.identity_provider))))
    assert set(preset.parameters) == used


@pytest.mark.parametrize("name", preset_names())
def test_no_preset_takes_what_may_change_hands_for_the_subject(name: str) -> None:
    """R-002: addresses, names and logins change, and are given to others; a subject is an id that never is.

    OpenID Connect has ``sub``, which no setting replaces; OAuth 2.0 and SAML name a claim or take the NameID.
    """
    preset = load_preset(name)
    connection = connection_of(preset.fill(written_for(preset)))
    assert preset.mutable_claims
    subject = (
        getattr(connection, "subject_claim", None) or getattr(connection, "subject_attribute", None) or "sub"
    )
    assert subject not in preset.mutable_claims
    assert not is_mutable(subject)
    if isinstance(connection, SAMLConnection):
        assert not connection.mutable_subject_allowed_risky
        assert connection.name_id_format not in {EMAIL_ADDRESS, TRANSIENT}
    if isinstance(connection, OAuth2Connection):
        assert subject not in connection.claim_names


@pytest.mark.parametrize("name", preset_names())
def test_filled_preset_may_be_saved(name: str) -> None:
    """What a preset fills in breaks no rule of a connection, and braces in it are Entra's alone."""
    preset = load_preset(name)
    filled = preset.fill(written_for(preset))
    faults = dict(find_connection_faults(connection_of(filled), SAML_SURROUNDINGS, http_allowed=False))
    assert {} == faults
    assert preset.type == filled["type"]
    assert set() == {"preset", *preset.parameters} & set(filled)
    assert not re.search(r"<[a-z_]+>", repr(filled))
    assert ("{" in str(filled.get("issuer"))) == (name == "microsoft-entra-multi-tenant")


def test_operator_wins_key_by_key() -> None:
    """What is written goes before the table: values and lists whole, tables of names joined."""
    preset = load_preset("github")
    written = {
        **written_for(preset), "scopes": ["read:org"], "user_id_claim": "email", "enabled": False,
        "claim_names": {"login": "nickname", "company": "website"},
    }  # fmt: skip
    filled = preset.fill(written)
    table = preset.identity_provider["claim_names"]
    assert isinstance(table, dict)
    assert (["read:org"], "email", False) == (filled["scopes"], filled["user_id_claim"], filled["enabled"])
    assert {**table, "login": "nickname", "company": "website"} == filled["claim_names"]
    assert "preferred_username" == table["login"]


def test_parameters_go_into_the_texts_and_out_of_the_declaration() -> None:
    """A parameter stands in the addresses, and nowhere else; braces stay what they are."""
    filled = load_preset("keycloak").fill({"host": "id.acme.example:8443", "realm": "acme", "name": "acme"})
    assert "https://id.acme.example:8443/realms/acme" == filled["issuer"]
    assert set() == {"host", "realm"} & set(filled)
    many = load_preset("microsoft-entra-multi-tenant").fill({"tenants": [TENANT]})
    assert "https://login.microsoftonline.com/{tenantid}/v2.0" == many["issuer"]


def test_default_of_a_parameter_serves_where_none_is_written() -> None:
    """GitLab is gitlab.com unless the operator says which."""
    filled = [load_preset("gitlab").fill(written)["issuer"] for written in ({}, {"host": "git.acme.example"})]
    assert ["https://gitlab.com", "https://git.acme.example"] == filled


def test_parameter_of_texts_that_the_operator_replaced_is_not_asked_for() -> None:
    """Whoever writes the whole address need not write its parts; the same holds inside a table of names."""
    issuer = "https://id.acme.example/auth/realms/acme"
    assert issuer == load_preset("keycloak").fill({"issuer": issuer})["issuer"]
    filled = load_preset("adfs").fill({"host": "fs.acme.example", "extra_parameters": {"resource": "urn:x"}})
    assert {"resource": "urn:x"} == filled["extra_parameters"]


def test_address_of_metadata_gives_way_to_a_file_of_them() -> None:
    """Metadata come from one place: who writes a file, or the endpoints, is not told of an address as well."""
    written = {"preset": "adfs-saml", "host": "fs.acme.example"}
    for other in ("metadata_file", "single_sign_on"):
        assert "metadata_url" not in load_preset("adfs-saml").fill({**written, other: "adfs.xml"})
    assert str(load_preset("adfs-saml").fill(written)["metadata_url"]).startswith("https://fs.acme.example/")


@pytest.mark.parametrize(
    ("preset", "parameter", "bad", "good"),
    [
        ("keycloak", "host", "https://id.acme.example", "id.acme.example"),
        ("keycloak", "host", "id.acme.example/evil", "id.acme.example:8443"),
        ("keycloak", "host", "a@b.example", "b.example"),
        ("keycloak", "host", "id acme", "localhost:8080"),
        ("keycloak", "host", "", "a"),
        ("keycloak", "host", "-acme.example", "a-cme.example"),
        ("keycloak", "host", ["id.acme.example"], "id.acme.example"),
        ("keycloak", "realm", "acme/../master", "acme.master"),
        ("keycloak", "realm", "..", "a..b"),
        ("keycloak", "realm", "two words", "two-words"),
        ("keycloak", "realm", "a\n", "a"),
        ("keycloak", "realm", "a?b", "a_b"),
        ("microsoft-entra", "tenant", "acme.onmicrosoft.com", TENANT),
        ("microsoft-entra", "tenant", "common", TENANT.upper()),
        ("facebook", "graph_version", "v25.0/me", "v25.0"),
        ("adfs", "web_api", "a b", "https://jitney.acme.example/adfs"),
        ("adfs", "web_api", "a&b=c", "urn:jitney:acme"),
    ],
)
def test_parameter_that_would_lead_elsewhere_is_refused(
    preset: str, parameter: str, bad: object, good: str
) -> None:
    """R-054: what is put into an address cannot change whose it is; the good twin is taken."""
    table = load_preset(preset)
    written = written_for(table)
    with pytest.raises(InvalidInput) as refused:
        table.fill({**written, parameter: bad})
    assert ("preset_refused", {parameter}) == (refused.value.code, set(refused.value.fields))
    assert f"{good}" in repr(table.fill({**written, parameter: good}))


def test_missing_parameters_and_a_wrong_type_are_told_all_at_once() -> None:
    """Each field has its sentence; with them the preset is filled."""
    preset = load_preset("keycloak")
    with pytest.raises(InvalidInput) as refused:
        preset.fill({"preset": "keycloak", "type": "saml"})
    assert ("preset_refused", {"type", "host", "realm"}) == (refused.value.code, set(refused.value.fields))
    assert "oidc" == preset.fill({**written_for(preset), "type": "oidc"})["type"]


def test_unknown_preset_is_answered_with_all_names() -> None:
    """Whoever mistypes a name reads which there are; a path is no name."""
    for name in ("gogle", "../google", "google.toml", ""):
        with pytest.raises(NotFound) as missing:
            load_preset(name)
        assert "preset_unknown" == missing.value.code
        assert all(known in missing.value.sentence for known in preset_names())
    assert "Google" == load_preset("google").title
