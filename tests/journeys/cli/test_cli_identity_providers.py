"""``jitney idp`` for every kind of provider, and providers of every kind in ``jitney apply``."""

import json
import sys
from collections.abc import Iterator

import pytest
from tests.journeys.cli.shell import Shell
from tests.servers.process import ServerProcess

from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml_provider import FakeSAMLProvider

CAMPUS = "https://idp.campus.example"
OURS = "http://localhost:8420/saml/campus"
READY = "fake OpenID Provider ready at "

ALL_KINDS = """
[[identity_provider]]
name = "google"
preset = "google"
client_id = "jitney"
client_secret_env = "SECRET"
domains = ["acme.example", "*.acme.example"]
home_realm_identifier = "acme"
is_shown = false

[[identity_provider]]
name = "hub"
type = "oauth2"
authorization_endpoint = "https://hub.example/authorize"
token_endpoint = "https://hub.example/token"
userinfo_endpoint = "https://api.hub.example/user"
client_id = "jitney"
client_secret_env = "SECRET"
claim_names = { login = "preferred_username" }

[[identity_provider]]
name = "campus"
type = "saml"
metadata_file = "campus.xml"
idp_initiated = true
default_application = "wiki"
authn_contexts = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

[[application]]
id = "wiki"
redirect_uris = "https://wiki.example/cb"
initiate_login_uri = "https://wiki.example/begin"
identity_providers = ["campus"]
"""


@pytest.fixture
def campus() -> FakeSAMLProvider:
    return FakeSAMLProvider(CAMPUS)


@pytest.fixture
def home(shell: Shell, campus: FakeSAMLProvider) -> Shell:
    """A home with the metadata of a provider."""
    shell.environment["SECRET"] = "s" * 40
    shell.write("campus.xml", campus.metadata().decode())
    return shell


def test_provider_of_every_kind_is_declared_once(home: Shell) -> None:
    """Presets, endpoints and metadata files make providers of each kind; applied again nothing differs."""
    file = home.write("all.toml", ALL_KINDS)
    done = home.run("apply", file)
    assert 0 == done.exit_code, done.output
    listed = {one["name"]: (one["kind"], one["connection"]) for one in home.json("idp", "list")}
    assert {"google": "oidc", "hub": "oauth2", "campus": "saml"} == {
        name: kind for name, (kind, _) in listed.items()
    }
    assert CAMPUS == listed["campus"][1]["entity_id"]
    assert "https://accounts.google.com" == listed["google"][1]["issuer"]
    assert "wiki" == listed["campus"][1]["default_application"]
    assert "Nothing to change: all is as declared.\n" == home.run("apply", file).output
    table = home.run("idp", "list").output
    assert all(peer in table for peer in (CAMPUS, "https://hub.example/authorize"))


def test_saml_provider_is_added_with_what_to_load_there(home: Shell) -> None:
    """Adding a SAML provider prints our entity id, endpoints and metadata address; no private key comes out."""
    added = home.run(
        "idp", "add", "campus", "--saml-metadata-file", "campus.xml", "--domain", "campus.example", "--domain",
        "*.campus.example", "--set", "name_id_format=urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    )  # fmt: skip
    assert 0 == added.exit_code, added.output
    for line in (f"{OURS}/metadata", f"{OURS}/acs", f"{OURS}/slo"):
        assert line in added.output
    shown = home.run("idp", "show", "campus").output
    assert "RSA 2048" in shown
    assert "campus.example, *.campus.example" in shown
    outputs = (
        shown,
        home.run("idp", "show", "campus", "--json").output,
        home.run("idp", "list", "--json").output,
    )
    assert not any("PRIVATE KEY" in output for output in outputs)
    metadata = home.run("idp", "metadata", "campus").output
    assert f'entityID="{OURS}/metadata"' in metadata
    assert "PRIVATE" not in metadata


def test_addresses_to_register_are_those_of_the_kind(home: Shell) -> None:
    """Issue 5: what must be registered is the redirect URI; OpenID Connect alone has addresses for sign-out."""
    home.run("apply", home.write("all.toml", ALL_KINDS))

    def registered(name: str) -> list[str]:
        shown = home.run("idp", "show", name).output.splitlines()
        return [line for line in shown if line.startswith("Register this ")]

    redirect = "Register this redirect URI there: http://localhost:8420/callback"
    back_channel = (
        "Register this address for back-channel logout, if there is such a field: "
        "http://localhost:8420/logout/upstream/google"
    )
    assert [f"{redirect}/google", back_channel] == registered("google")
    assert [f"{redirect}/hub"] == registered("hub")
    assert [] == registered("campus")
    passing = ALL_KINDS.replace('preset = "google"', 'preset = "google"\npasses_logout_on = true')
    home.run("apply", home.write("all.toml", passing))
    after = "Register this address for after sign-out: http://localhost:8420/logout/upstream/google/done"
    assert [f"{redirect}/google", after, back_channel] == registered("google")


def test_own_key_is_rolled_over(home: Shell) -> None:
    """R-061: between the two steps both certificates stand in our metadata; after the second the new one alone."""
    home.run("idp", "add", "campus", "--saml-metadata-file", "campus.xml")

    def certificates() -> list[str]:
        credentials = home.json("idp", "show", "campus")["connection"]["credentials"]
        return [one["certificate"] for one in credentials]

    (old,) = certificates()
    early = home.run("idp", "rotate-key", "campus", "--finish")
    assert (1, True) == (early.exit_code, "saml_key_rotation_not_begun" in early.stderr)
    assert f"{OURS}/metadata" in home.run("idp", "rotate-key", "campus").output
    first, new = certificates()
    assert old == first
    assert 2 == home.run("idp", "metadata", "campus").output.count('use="signing"')
    assert 0 == home.run("idp", "rotate-key", "campus", "--finish").exit_code
    assert [new] == certificates()


def test_metadata_are_refreshed_from_a_file(home: Shell, campus: FakeSAMLProvider) -> None:
    """A new certificate is taken from a file; endpoints on another host only with --accept."""
    home.run("idp", "add", "campus", "--saml-metadata-file", "campus.xml")
    campus.rotate_key(rsa_key("the next one"))
    newer = home.write("newer.xml", campus.metadata().decode())
    assert ["connection.signing_certificates"] == home.json("idp", "refresh", "campus", "--file", newer)[
        "fields"
    ]
    moved = home.write(
        "moved.xml", campus.metadata().decode().replace(f"{CAMPUS}/sso", "https://other.example/sso")
    )
    refused = home.run("idp", "refresh", "campus", "--file", moved)
    assert 1 == refused.exit_code
    assert "code: saml_metadata_changed_origin" in refused.stderr
    assert "idp refresh NAME --accept" in refused.stderr
    assert "Changed: " in home.run("idp", "refresh", "campus", "--file", moved, "--accept").output


def test_presets_are_listed_and_shown(shell: Shell) -> None:
    """The well-known providers are listed with what an operator gives; one that is unknown is said so."""
    names = [one["name"] for one in shell.json("idp", "presets")]
    assert {"google", "github", "saml"} <= set(names)
    assert "client_id" in shell.run("idp", "presets", "google").output
    unknown = shell.run("idp", "presets", "nobody")
    assert (1, True) == (unknown.exit_code, "code: preset_unknown" in unknown.stderr)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('type = "oauth2"\nclient_id = "a"\n', "identity_provider[1].token_endpoint: This key is required."),
        ('client_id = "a"\n', "identity_provider[1].issuer: This key is required."),
        (
            'type = "saml"\n',
            "identity_provider[1].entity_id: This key is required, or metadata_url, or metadata_file.",
        ),
        (
            'type = "saml"\nentity_id = "x"\nissuer = "https://a"\n',
            "identity_provider a: issuer: A provider of the type saml has no such key.",
        ),
        (
            'type = "saml"\nmetadata_url = "https://a"\nmetadata_file = "campus.xml"\n',
            "identity_provider a: metadata_url: Either this says where the provider is, or metadata_file.",
        ),
        (
            'type = "saml"\nmetadata_file = "nowhere.xml"\n',
            "identity_provider a: metadata_file: The file cannot",
        ),
        ('type = "soap"\n', 'identity_provider[1].type: This value is not allowed here. Found: "soap".'),
        ('preset = "nobody"\n', "identity_provider[1].preset: There is no preset of that name."),
        ('preset = "okta"\nclient_id = "a"\n', "identity_provider[1].host: The domain of the Okta org."),
        (
            'type = "saml"\nentity_id = "x"\nsigning_certificate_files = "campus.xml"\n',
            "identity_provider a: signing_certificate_files: This file holds no certificate in PEM.",
        ),
        (
            'type = "saml"\nentity_id = "x"\nsingle_sign_on = [{ binding = "artifact", url = "https://x" }]\n',
            'identity_provider[1].single_sign_on[1].binding: This value is not allowed here. Found: "artifact".',
        ),
    ],
)
def test_fault_of_a_declared_provider_is_named_by_its_key(home: Shell, text: str, told: str) -> None:
    """What a type of provider lacks, does not know or is told twice stands under the key, and nothing is kept."""
    result = home.run("apply", home.write("bad.toml", f'[[identity_provider]]\nname = "a"\n{text}'))
    assert 1 == result.exit_code
    assert f"  why:  bad.toml: {told}" in result.stderr
    assert [] == home.json("idp", "list")


def test_metadata_file_of_somebody_else_is_refused_by_its_key(home: Shell) -> None:
    """R-070: a file that is about another entity than the one that is stated is named before the first step."""
    text = '[[identity_provider]]\nname = "a"\ntype = "saml"\nentity_id = "x"\nmetadata_file = "campus.xml"\n'
    result = home.run("apply", home.write("bad.toml", text))
    assert "  why:  identity_provider a: metadata_file: " in result.stderr
    assert [] == home.json("idp", "list")
    assert 0 == home.run("apply", home.write("good.toml", text.replace('"x"', f'"{CAMPUS}"'))).exit_code


def test_application_states_where_it_begins(shell: Shell) -> None:
    """An application is registered with the address at which it begins a sign-in."""
    shell.run(
        "app", "add", "Wiki", "--redirect-uri", "https://wiki.example/cb", "--id", "wiki",
        "--initiate-login-uri", "https://wiki.example/begin",
    )  # fmt: skip
    assert "https://wiki.example/begin" == shell.json("app", "show", "wiki")["initiate_login_uri"]


@pytest.fixture
def issuer(shell: Shell) -> Iterator[str]:
    """The address of a running OpenID Connect provider, which this home may call."""
    client = "jitney:" + "s" * 40 + ":http://localhost:8420/callback/acme"
    command = [sys.executable, "-m", "jitney.testing.fake_oidc_provider", "--client", client]
    process = ServerProcess("provider", command)
    address = process.start(lambda log: log.partition(READY)[2].strip() or None)
    shell.environment["SECRET"] = "s" * 40
    place = address.removeprefix("http://")
    shell.write("conf/deployment.toml", f'[outgoing]\nallow = ["{place}"]\n')
    yield address
    process.stop()


def test_draft_is_tried_before_it_is_kept(shell: Shell, issuer: str) -> None:
    """Test connection: a draft is tried from its file; it is good or says why not, and nothing is kept of it."""
    draft = f'[[identity_provider]]\nname = "acme"\nissuer = "{issuer}"\nclient_id = "jitney"\n'
    file = shell.write("draft.toml", draft + 'client_secret_env = "SECRET"\n')
    good = shell.run("idp", "test", "--file", file)
    assert 0 == good.exit_code, good.output
    assert "http://localhost:8420/callback/acme" in good.output
    shell.environment["SECRET"] = "wrong" * 8
    bad = shell.run("idp", "test", "--file", file, "--json")
    assert 1 == bad.exit_code
    steps = json.loads(bad.stdout)["acme"]["steps"]
    assert ["token_request_client_refused"] == [one["code"] for one in steps if one["finding"] == "bad"]
    assert [] == shell.json("idp", "list")


def test_doctor_tries_every_enabled_provider(shell: Shell, issuer: str) -> None:
    """`jitney doctor` names the provider and what is wrong with it; one that is disabled is left alone."""
    shell.run(
        "idp", "add", "acme", "--issuer", issuer, "--client-id", "jitney", "--client-secret-env", "SECRET"
    )
    assert 0 == shell.run("doctor").exit_code
    shell.environment["OTHER"] = "wrong" * 8
    shell.run(
        "idp", "add", "ill", "--issuer", issuer, "--client-id", "jitney", "--client-secret-env", "OTHER"
    )
    assert "ILL   identity provider ill" in shell.run("doctor").output
    shell.run("idp", "disable", "ill")
    assert 0 == shell.run("doctor").exit_code


def test_sign_in_of_a_trial_begins_at_a_link(home: Shell) -> None:
    """A test sign-in is begun by a link that works once; a draft or nobody cannot be signed in to."""
    home.run("idp", "add", "campus", "--saml-metadata-file", "campus.xml")
    link = home.json("idp", "test", "campus", "--sign-in")
    assert link["address"].startswith("http://localhost:8420/trial?k=")
    assert 2 == home.run("idp", "test", "--file", home.write("x.toml", ""), "--sign-in").exit_code
    assert 1 == home.run("idp", "test", "nobody", "--sign-in").exit_code
