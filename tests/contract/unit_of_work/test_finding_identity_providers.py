"""Identity providers of every kind are kept, and found by name, domain, home realm and what is due."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.doors import Doors
from tests.contract.records import (
    A_SAML_CONNECTION,
    AN_OAUTH2_CONNECTION,
    NOW,
    a_saml_idp,
    an_idp,
    an_oidc_connection,
)

from jitney.model import changes as c
from jitney.model.connection import OAuth2Connection, OIDCConnection, ResponseMode, TokenEndpointAuth
from jitney.model.home_realm import HomeRealm
from jitney.model.identity_provider import IdentityProvider, UpstreamConnection
from jitney.model.saml_connection import MetadataState, SAMLConnection, SAMLCredential

pytestmark = pytest.mark.anyio

CONNECTIONS: dict[str, UpstreamConnection] = {
    "oidc": an_oidc_connection(),
    "bare_oidc": OIDCConnection("https://acme.example", "jitney"),
    "oidc_of_tenants": an_oidc_connection(
        response_mode=ResponseMode.FORM_POST,
        tenants=("tenant-1", "tenant-2"),
        token_endpoint_auth=TokenEndpointAuth.SIGNED_CLIENT_SECRET,
        claim_names={"xms_edov": "email_verified"},
    ),
    "oauth2": AN_OAUTH2_CONNECTION,
    "bare_oauth2": OAuth2Connection("https://a.example", "https://t.example", "https://u.example", "jitney"),
    "saml": A_SAML_CONNECTION,
    "bare_saml": SAMLConnection("https://idp.corp.example"),
    "saml_with_an_empty_key": SAMLConnection("x", credentials=(SAMLCredential("certificate", ""),)),
}


@pytest.mark.parametrize("connection", CONNECTIONS.values(), ids=CONNECTIONS.keys())
async def test_connection_of_every_kind_reads_back_equal(
    doors: Doors, connection: UpstreamConnection
) -> None:
    """R-125: connection, secrets and home realm are those that were kept, however the provider is found."""
    realm = HomeRealm(("acme.example", "*.acme.example", "acme.example"), "acme")
    idp = an_idp(connection=connection, home_realm=realm)
    await doors.unit_of_work.commit(c.AddIdentityProvider(idp))
    idps = doors.identity_providers
    for found in (
        await idps.find("idp-1"), await idps.find_by_name("acme"), await idps.find_by_home_realm("acme"),
        *await idps.list(), *await idps.shown(), *await idps.find_by_domain("acme.example"),
    ):  # fmt: skip
        assert idp == found


async def test_kind_of_a_provider_may_change(doors: Doors) -> None:
    """An edit may go from one protocol to another and back; nothing of the one before is left."""
    idp = an_idp()
    await doors.unit_of_work.commit(c.AddIdentityProvider(idp))
    for connection in [*CONNECTIONS.values(), an_oidc_connection()]:
        idp = replace(idp, connection=connection, version=idp.version + 1)
        await doors.unit_of_work.commit(c.SaveIdentityProvider(idp))
        assert idp == await doors.identity_providers.find("idp-1")


def _at(*domains: str, id: str, **changes: object) -> IdentityProvider:
    return an_idp(id, f"name-{id}", home_realm=HomeRealm(domains), **changes)


OF_DOMAINS = [
    _at("acme.example", id="exact"),
    _at("acme.example", "other.example", id="both"),
    _at("acme.example", id="away", enabled=False),
    _at("*.acme.example", id="below"),
    _at("*.eu.acme.example", "x.eu.acme.example", id="nearer"),
    _at("*.example", id="all"),
    _at(id="nothing"),
]


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("acme.example", ["both", "exact"]),
        ("other.example", ["both"]),
        ("third.example", ["all"]),
        ("it.acme.example", ["below"]),
        ("a.b.acme.example", ["below"]),
        ("eu.acme.example", ["below"]),
        ("de.eu.acme.example", ["nearer"]),
        ("x.eu.acme.example", ["nearer"]),
        ("y.eu.acme.example", ["nearer"]),
        (f"{'a.' * 8}eu.acme.example", ["nearer"]),
        (f"{'a.' * 100}eu.acme.example", ["nearer"]),
        (f"{'a.' * 200}eu.acme.example", []),
        ("acme.example.", []),
        ("xacme.example", ["all"]),
        ("example", []),
        ("ACME.EXAMPLE", []),
        ("*.acme.example", []),
        ("%", []),
        ("", []),
    ],
)
async def test_provider_is_found_by_the_nearest_domain(doors: Doors, domain: str, found: list[str]) -> None:
    """The exact domain goes before all below one, the nearer before the farther; others are not returned."""
    await doors.unit_of_work.commit(*map(c.AddIdentityProvider, OF_DOMAINS))
    assert found == [idp.id for idp in await doors.identity_providers.find_by_domain(domain)]


async def test_most_that_share_a_domain_are_twenty(doors: Doors) -> None:
    """R-151: of many providers of one domain the first twenty by name are found."""
    many = [an_idp(f"idp-{n}", f"name-{n:02}", home_realm=HomeRealm(("acme.example",))) for n in range(25)]
    wide = an_idp("wide", "a-wide", home_realm=HomeRealm(("*.example",)))
    await doors.unit_of_work.commit(*map(c.AddIdentityProvider, [*many[::-1], wide]))
    assert many[:20] == list(await doors.identity_providers.find_by_domain("acme.example"))
    assert [wide] == list(await doors.identity_providers.find_by_domain("b.example"))


async def test_domains_follow_every_edit(doors: Doors) -> None:
    """P-7: a domain that was taken away, or whose provider is off or gone, finds nobody in the same commit."""
    idps = doors.identity_providers

    async def found() -> list[bool]:
        names = ("one.example", "two.example")
        return [bool(await idps.find_by_domain(name)) for name in names] + [await idps.any_found_by_domain()]

    assert [False, False, False] == await found()
    idp = an_idp(home_realm=HomeRealm(("one.example",)))
    await doors.unit_of_work.commit(c.AddIdentityProvider(idp))
    assert [True, False, True] == await found()
    edits = {
        ("one.example", "two.example"): [True, True, True],
        ("two.example",): [False, True, True],
        (): [False, False, False],
    }
    for domains, expected in edits.items():
        idp = replace(idp, home_realm=HomeRealm(domains), version=idp.version + 1)
        await doors.unit_of_work.commit(c.SaveIdentityProvider(idp))
        assert expected == await found()
    for enabled in (True, False, True):
        realm = HomeRealm(("one.example",))
        idp = replace(idp, home_realm=realm, enabled=enabled, version=idp.version + 1)
        await doors.unit_of_work.commit(c.SaveIdentityProvider(idp))
        assert [enabled, False, enabled] == await found()
        assert realm == (await idps.list())[0].home_realm
    await doors.unit_of_work.commit(c.RemoveIdentityProvider("idp-1", idp.version))
    assert [False, False, False] == await found()


async def test_shown_are_enabled_and_offered(doors: Doors) -> None:
    """Providers of customers, and those that are off, stand on no page; the others do by name, up to a limit."""
    hidden = HomeRealm(is_shown=False, identifier="acme")
    secret = an_idp("idp-1", "c-secret", home_realm=hidden)
    off = an_idp("idp-2", "b-off", enabled=False)
    shown = [an_idp("idp-3", "d-shown"), an_idp("idp-4", "e-shown")]
    await doors.unit_of_work.commit(*map(c.AddIdentityProvider, [*shown[::-1], secret, off]))
    idps = doors.identity_providers
    assert shown == list(await idps.shown())
    assert shown[:1] == list(await idps.shown(limit=1))
    assert ([], []) == (list(await idps.shown(limit=0)), list(await idps.shown(limit=-1)))
    assert secret == await idps.find_by_home_realm("acme")
    assert (None, None) == (await idps.find_by_home_realm("ACME"), await idps.find_by_home_realm(""))


async def test_provider_that_is_off_is_found_by_its_home_realm(doors: Doors) -> None:
    """An application that names a provider is told that it is off, rather than sent to another."""
    off = an_idp(enabled=False, home_realm=HomeRealm(identifier="acme"))
    await doors.unit_of_work.commit(c.AddIdentityProvider(off))
    assert off == await doors.identity_providers.find_by_home_realm("acme")


async def test_metadata_is_due_when_its_hours_have_passed(doors: Doors) -> None:
    """R-061: never fetched is due at once and the longest due comes first; without an address nothing is due."""
    hour = timedelta(hours=1)
    fresh = a_saml_idp("fresh", "1", metadata_hours=6, metadata=MetadataState(checked=NOW))
    older = a_saml_idp("older", "2", metadata_hours=1, metadata=MetadataState(checked=NOW - 3 * hour))
    off = replace(
        a_saml_idp("off", "3", metadata_hours=1, metadata=MetadataState(checked=NOW - hour)), enabled=False
    )
    never = a_saml_idp("never", "4", metadata=MetadataState())
    from_file = a_saml_idp("file", "5", metadata_url=None, metadata=MetadataState())
    every = [fresh, older, off, never, from_file, an_idp("oidc", "6")]
    await doors.unit_of_work.commit(*map(c.AddIdentityProvider, every))
    idps = doors.identity_providers
    assert [never, older, off] == list(await idps.due_for_metadata(NOW))
    assert [never, older] == list(await idps.due_for_metadata(NOW - timedelta(microseconds=1)))
    assert [never] == list(await idps.due_for_metadata(NOW, limit=1))
    assert [] == list(await idps.due_for_metadata(NOW, limit=-1))
    checked = a_saml_idp("never", "4", metadata=MetadataState(checked=NOW), metadata_hours=2)
    await doors.unit_of_work.commit(c.SaveIdentityProvider(replace(checked, version=2)))
    assert [older, off] == list(await idps.due_for_metadata(NOW))
    due = await idps.due_for_metadata(NOW + 6 * hour)
    assert ["older", "off", "never", "fresh"] == [idp.id for idp in due]
