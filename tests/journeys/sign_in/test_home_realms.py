"""People are sent to the provider that they belong to, and nobody reads which others there are."""

from dataclasses import replace

import pytest
from tests.journeys.sign_in.sign_in_house import ACME, BROWSER, OTHER_BROWSER, REQUEST, House, refusal_of

from jitney.model.changes import AddIdentityProvider
from jitney.model.grant import AuthorizationRequest
from jitney.model.home_realm import HomeRealm
from jitney.signin.home_realms import Realms, domain_of
from jitney.signin.journey import Choose, Leave

pytestmark = pytest.mark.anyio


async def add_customer(house: House, name: str, *domains: str, **realm: str | None) -> None:
    """Add a provider of a customer, which is not shown."""
    home = HomeRealm(domains, is_shown=False, **realm)
    await house.commit(
        AddIdentityProvider(
            replace(ACME, id=f"idp-{name}", name=name, display_name=name.title(), home_realm=home)
        )
    )


async def arrive(house: House, request: AuthorizationRequest = REQUEST, **more: str | None) -> object:
    return await house.arrival.arrive(request, session_token=None, browser=BROWSER, **more)


async def gone_to(house: House, step: object) -> str:
    assert isinstance(step, Leave), step
    return house.upstream.idp.name


async def test_address_leads_to_the_provider_of_its_domain(house: House) -> None:
    """The person is sent on at once, their address with them as a hint; an address of nobody changes nothing."""
    await add_customer(house, "globex", "globex.example")
    handle = await house.choose()
    unknown = await house.discovery.find(handle, "ada@elsewhere.example", browser=BROWSER)
    assert Realms(handle, "ada@elsewhere.example", ()) == unknown
    step = await house.discovery.find(handle, " Ada@GLOBEX.example ", browser=BROWSER)
    assert "globex" == await gone_to(house, step)
    departed = house.upstream.departures[-1]
    assert departed is not None
    assert "Ada@GLOBEX.example" == departed.login_hint


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("a@hq.globex.example", ("Globex-All",)),
        ("a@deep.hq.globex.example", ("Globex-All",)),
        ("a@globex.example", ("Globex", "Twin")),
        ("a@notglobex.example", ()),
        ("a@globex.example.evil.example", ()),
    ],
)
async def test_exact_domains_go_before_wildcards(
    house: House, address: str, options: tuple[str, ...]
) -> None:
    """A wildcard means all below a domain and not itself; of several with the same domain the person chooses."""
    await add_customer(house, "globex", "globex.example")
    await add_customer(house, "twin", "globex.example", "twin.example")
    await add_customer(house, "globex-all", "*.globex.example")
    found = await house.discovery.find(await house.choose(), address, browser=BROWSER)
    if isinstance(found, Leave):
        assert options == (house.upstream.idp.display_name,)
    else:
        assert options == tuple(each.display_name for each in found.options)


async def test_providers_of_customers_are_not_listed(house: House) -> None:
    """The sign-in page offers those that are shown, and a place for the address if others could be meant."""
    before = await house.arrival.choices(await house.choose(), browser=BROWSER)
    await add_customer(house, "globex", "globex.example")
    after = await house.arrival.choices(await house.choose(), browser=BROWSER)
    assert (("Acme",), False) == (tuple(each.display_name for each in before.options), before.asks_address)
    assert (("Acme",), True) == (tuple(each.display_name for each in after.options), after.asks_address)


async def test_hint_of_the_application_leads_there_directly(house: House) -> None:
    """``fidp`` and a ``login_hint`` with a known domain skip the page; unknown ones are as good as none."""
    await add_customer(house, "globex", "globex.example", identifier="globex-realm")
    for request in (
        replace(REQUEST, home_realm="globex-realm"),
        replace(REQUEST, login_hint="ada@globex.example"),
    ):
        assert "globex" == await gone_to(house, await arrive(house, request))
    for request in (
        replace(REQUEST, home_realm="globex"),
        replace(REQUEST, home_realm="nobody"),
        replace(REQUEST, login_hint="ada@elsewhere.example"),
        replace(REQUEST, login_hint="ada"),
    ):
        assert isinstance(await arrive(house, request), Choose)


async def test_hint_cannot_lead_where_the_application_does_not(house: House) -> None:
    """R-021: a provider that is switched off, or that this application does not take, is as good as none."""
    await add_customer(house, "globex", "globex.example", identifier="globex-realm")
    named = replace(REQUEST, home_realm="globex-realm", login_hint="ada@globex.example")
    assert "globex" == await gone_to(house, await arrive(house, named))
    await house.change_application(identity_providers=("acme",))
    assert isinstance(await arrive(house, named), Choose)
    found = await house.discovery.find(await house.choose(), "ada@globex.example", browser=BROWSER)
    assert isinstance(found, Realms)
    assert () == found.options
    await house.change_application(identity_providers=("acme", "globex"))
    assert "globex" == await gone_to(house, await arrive(house, named))


async def test_application_with_customers_of_its_own_shows_none_of_them(house: House) -> None:
    """Providers that an application names are found by address too, unless there is one alone."""
    await add_customer(house, "globex", "globex.example")
    await add_customer(house, "initech", "initech.example")
    await house.change_application(identity_providers=("globex", "initech"), local_sign_in=False)
    choices = await house.arrival.choices(await house.choose(), browser=BROWSER)
    assert ((), True) == (choices.options, choices.asks_address)
    await house.change_application(identity_providers=("globex",))
    assert "globex" == await gone_to(house, await arrive(house))


async def test_only_visible_provider_is_not_taken_for_the_only_one(house: House) -> None:
    """Whoever comes from a customer gets the page, although one provider alone is shown."""
    await house.change_application(local_sign_in=False)
    assert "acme" == await gone_to(house, await arrive(house))
    await add_customer(house, "globex", "globex.example")
    assert isinstance(await arrive(house), Choose)


async def test_address_counts_in_the_browser_that_began(house: House) -> None:
    """R-017: another browser gets nowhere with the handle of this one's page."""
    await add_customer(house, "globex", "globex.example")
    handle = await house.choose()
    stolen = house.discovery.find(handle, "ada@globex.example", browser=OTHER_BROWSER)
    assert "sign_in_expired" == (await refusal_of(house, stolen)).code
    assert "globex" == await gone_to(
        house, await house.discovery.find(handle, "ada@globex.example", browser=BROWSER)
    )


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ada@Example.ORG", "example.org"),
        ("ada@example.org.", "example.org"),
        ("ada@bücher.example", "xn--bcher-kva.example"),
        ('"a@b"@example.org', "example.org"),
        ("ada", None),
        ("@example.org", None),
        ("ada@", None),
        ("ada@.", None),
        ("ada@a..b", None),
        ("ada@" + "a" * 64 + ".example", None),
        ("a" * 400 + "@example.org", None),
    ],
)
def test_domain_of_an_address(address: str, domain: str | None) -> None:
    """The domain is what stands behind the last @, in lower case and ASCII."""
    assert domain == domain_of(address)
