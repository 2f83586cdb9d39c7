"""The SAML identity providers of the interoperability tests start, and work together with pysaml2 without Jitney.

When these fail, the fault is in the installation and not in Jitney.
"""

import re
from base64 import b64decode
from collections.abc import Iterator

import pytest
from tests.servers.apache import ApacheApplication, claims_shown
from tests.servers.http_browser import Hop, HttpBrowser
from tests.servers.lemonldap import LemonLDAPServer
from tests.servers.lemonldap_configuration import OIDCApplication
from tests.servers.pysaml2_application import PySAML2Application
from tests.servers.pysaml2_provider import PySAML2Server
from tests.servers.simplesamlphp import SimpleSAMLphpServer

pytestmark = pytest.mark.anyio

AnyServer = SimpleSAMLphpServer | LemonLDAPServer | PySAML2Server
SERVERS = {"simplesamlphp": SimpleSAMLphpServer, "lemonldap": LemonLDAPServer, "pysaml2": PySAML2Server}
SECRET = "a-secret-that-is-long-enough-for-hs256"


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[AnyServer]:
    """Each of them in turn."""
    with SERVERS[request.param]() as started:
        yield started


@pytest.fixture
def application(server: AnyServer) -> Iterator[PySAML2Application]:
    """A service provider that the server knows."""
    with PySAML2Application(server) as made:
        server.trust(made.metadata())
        yield made


async def _sign_in(server: AnyServer, application: PySAML2Application, browser: HttpBrowser) -> Hop:
    """Go there as the first of its people; the page that hands the response on."""
    page = await browser.follow(application.sign_in_address(), stop_before=application.address)
    assert page.forms[0].asks, page.text + server.log()
    return await server.form.fill_in(browser, page, server.people[0], stop_before=application.address)


async def test_a_saml_server_signs_in_and_out(server: AnyServer, application: PySAML2Application) -> None:
    """The same name comes again without a question, until the person signs out."""
    person = server.people[0]
    async with HttpBrowser(posts_on=True) as browser:
        first = application.read((await _sign_in(server, application, browser)).message)
        page = await browser.follow(application.sign_in_address(), stop_before=application.address)
        again = application.read(page.message)
        last = await browser.follow(application.sign_out_address(again), stop_before=application.address)
        assert application.signed_out(last.location)
        page = await browser.follow(application.sign_in_address(), stop_before=application.address)
        assert page.forms[0].asks
    assert first.name == again.name
    assert set(person.attributes.values()) == {tuple(said) for said in first.attributes.values()}


async def test_a_saml_server_signs_out_everywhere(server: AnyServer, application: PySAML2Application) -> None:
    """Who signs out there brings a LogoutRequest to the application, as a redirect or in a frame."""
    async with HttpBrowser(posts_on=True) as browser:
        application.read((await _sign_in(server, application, browser)).message)
        last = await browser.follow(server.logout_url, stop_before=application.address)
    asked = [last.location or "", *last.frames]
    assert any(url.startswith(f"{application.slo}?SAMLRequest=") for url in asked), last.text + server.log()


async def test_a_saml_server_changes_its_key(server: AnyServer, application: PySAML2Application) -> None:
    """After the change an application that knows the old key refuses, and one that has looked again does not."""
    async with HttpBrowser(posts_on=True) as browser:
        before = application.read((await _sign_in(server, application, browser)).message)
        server.roll_over()
        page = await browser.follow(application.sign_in_address(), stop_before=application.address)
        with pytest.raises(Exception, match=r"[Ss]ignature"):
            application.read(page.message)
        application.learn()
        page = await browser.follow(application.sign_in_address(), stop_before=application.address)
        assert before.name == application.read(page.message).name


@pytest.mark.parametrize("name", ["simplesamlphp", "pysaml2"])
async def test_a_saml_server_shows_its_next_key_beside_the_present_one(name: str) -> None:
    """An application that has seen both goes on through the change without another look."""
    with SERVERS[name]() as server, PySAML2Application(server) as application:
        assert not isinstance(server, LemonLDAPServer)
        server.trust(application.metadata())
        server.publish_next_key()
        application.learn()
        async with HttpBrowser(posts_on=True) as browser:
            before = application.read((await _sign_in(server, application, browser)).message)
            server.roll_over()
            page = await browser.follow(application.sign_in_address(), stop_before=application.address)
            assert before.name == application.read(page.message).name


async def test_simplesamlphp_encrypts_with_cbc_and_knows_nothing_better() -> None:
    """The assertion comes encrypted, its name too if so wished, always with AES-128-CBC."""
    with SimpleSAMLphpServer() as server, PySAML2Application(server) as application:
        server.trust(application.metadata())
        server.change(assertion_encryption=True)
        async with HttpBrowser(posts_on=True) as browser:
            page = await _sign_in(server, application, browser)
        assert {"aes128-cbc", "rsa-oaep-mgf1p"} == _encryption(page)
        assert "acme-ada" == application.read(page.message).name


async def test_pysaml2_encrypts_with_gcm() -> None:
    """The assertion comes encrypted with AES-256-GCM, and can be read."""
    with PySAML2Server() as server, PySAML2Application(server) as application:
        server.trust(application.metadata())
        server.encrypt()
        async with HttpBrowser(posts_on=True) as browser:
            page = await _sign_in(server, application, browser)
        assert {"aes256-gcm", "rsa-oaep-mgf1p"} == _encryption(page)
        assert "pysaml2-ada" == application.read(page.message).name


def _encryption(page: Hop) -> set[str]:
    assert page.message is not None
    text = b64decode(page.message.fields["SAMLResponse"]).decode()
    return set(re.findall(r"EncryptionMethod Algorithm=\"[^\"]*#([^\"]*)\"", text))


async def test_lemonldap_is_an_openid_provider_for_mod_auth_openidc() -> None:
    """Apache as application and LemonLDAP::NG as OpenID Provider understand each other, with PKCE."""
    apache = ApacheApplication("apache", SECRET)
    client = OIDCApplication("apache", SECRET, (apache.redirect_uri,))
    with LemonLDAPServer(client) as server:
        apache.issuer = server.address
        person = server.people[1]
        with apache:
            async with HttpBrowser() as browser:
                page = await browser.follow(apache.protected_page)
                page = await server.form.fill_in(browser, page, person)
            assert apache.protected_page == page.url, page.text + apache.log() + server.log()
            claims = claims_shown(page.text)
    assert person.username == claims["sub"]
    assert person.attributes["mail"][0] == claims["email"]
