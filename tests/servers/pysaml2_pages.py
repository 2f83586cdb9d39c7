"""The pages of the identity provider made of pysaml2: sign-in, single logout, metadata."""

import html
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.metadata import create_metadata_string
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.server import Server
from tests.servers.saml_server import KnownPerson

_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_COOKIE = "pysaml2-person"
_PAGE = "<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{body}</html>"
_FORM = (
    '<form method="post" action="/sign-in">{hidden}'
    '<input name="username"><input type="password" name="password"><button>Sign in</button></form>'
)
_MESSAGE = '<form method="post" action="{url}">{hidden}</form><script>document.forms[0].submit()</script>'


@dataclass(frozen=True)
class Answer:
    """What goes back to the browser."""

    status: str
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """A browser in which somebody is signed in, and the names of their sessions at the service provider."""

    person: KnownPerson
    indexes: list[str] = field(default_factory=list)


@dataclass
class Pages:
    """A WSGI application; ``saml`` is pysaml2's server, which is replaced when keys or partners change."""

    saml: Server
    people: tuple[KnownPerson, ...]
    encrypts: bool = False
    sessions: dict[str, Session] = field(default_factory=dict)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        pages: dict[str, Callable[[WSGIEnvironment, dict[str, str]], Answer]] = {
            "/metadata": self._metadata,
            "/sso": self._ask,
            "/sign-in": self._sign_in,
            "/slo": self._single_logout,
            "/logout": self._logout,
        }
        page = pages.get(environ["PATH_INFO"])
        answer = page(environ, _fields(environ)) if page else Answer("404 Not Found")
        start(answer.status, [("Content-Type", "text/html; charset=utf-8"), *answer.headers.items()])
        return [answer.body.encode()]

    def _metadata(self, _environ: WSGIEnvironment, _given: dict[str, str]) -> Answer:
        text = create_metadata_string(None, config=self.saml.config)
        return Answer("200 OK", text.decode(), {"Content-Type": "application/samlmetadata+xml"})

    def _ask(self, environ: WSGIEnvironment, given: dict[str, str]) -> Answer:
        """Verify the request; somebody who is signed in is sent on, everybody else sees the form."""
        binding = BINDING_HTTP_POST if environ["REQUEST_METHOD"] == "POST" else BINDING_HTTP_REDIRECT
        message = self.saml.parse_authn_request(given["SAMLRequest"], binding, *_signature(given)).message
        to = self.saml.response_args(message, [BINDING_HTTP_POST])
        cookie = "" if message.force_authn == "true" else _cookie(environ)
        waiting = {
            "destination": to["destination"],
            "in_response_to": to["in_response_to"],
            "sp_entity_id": to["sp_entity_id"],
            "relay_state": given.get("RelayState", ""),
        }
        if cookie in self.sessions:
            return self._send_on(cookie, waiting)
        return _page("Sign in", _FORM.format(hidden=_hidden(waiting)))

    def _sign_in(self, _environ: WSGIEnvironment, given: dict[str, str]) -> Answer:
        claimed = (given["username"], given["password"])
        for person in self.people:
            if (person.username, person.password) == claimed:
                cookie = secrets.token_hex(16)
                self.sessions[cookie] = Session(person)
                return self._send_on(cookie, given)
        return _page("Wrong", "<p>Name or password is wrong.</p>")

    def _send_on(self, cookie: str, to: Mapping[str, str]) -> Answer:
        session = self.sessions[cookie]
        person, name = session.person, self._name(session.person, to["sp_entity_id"])
        response = self.saml.create_authn_response(
            {name: list(values) for name, values in person.attributes.items()},
            to["in_response_to"],
            to["destination"],
            to["sp_entity_id"],
            userid=person.username,
            name_id=name,
            authn={"class_ref": PASSWORDPROTECTEDTRANSPORT},
            sign_response=True,
            sign_assertion=True,
            sign_alg=_RSA_SHA256,
            digest_alg=_SHA256,
            encrypt_assertion=self.encrypts,
        )
        (statement,) = self.saml.session_db.get_authn_statements(name)[-1]
        session.indexes.append(statement.session_index)
        body = _MESSAGE.format(
            url=html.escape(to["destination"]),
            hidden=_hidden({"SAMLResponse": _encoded(response), "RelayState": to["relay_state"]}),
        )
        return _page("Sending message", body, {"Set-Cookie": f"{_COOKIE}={cookie}; Path=/; HttpOnly"})

    def _single_logout(self, environ: WSGIEnvironment, given: dict[str, str]) -> Answer:
        """Take a LogoutRequest, or the answer to ours."""
        self.sessions.pop(_cookie(environ), None)
        gone = {"Set-Cookie": f"{_COOKIE}=; Path=/; Max-Age=0"}
        binding = BINDING_HTTP_POST if environ["REQUEST_METHOD"] == "POST" else BINDING_HTTP_REDIRECT
        if "SAMLResponse" in given:
            answer = self.saml.parse_logout_request_response(given["SAMLResponse"], binding)
            said = (
                "You are signed out everywhere."
                if answer.status_ok()
                else "Somewhere you are not signed out."
            )
            return _page("Signed out", f"<p>{said}</p>", gone)
        request = self.saml.parse_logout_request(given["SAMLRequest"], binding, *_signature(given)).message
        response = self.saml.create_logout_response(request, [BINDING_HTTP_REDIRECT], sign=False)
        return self._redirect(response, given.get("RelayState", ""), gone, response=True)

    def _logout(self, environ: WSGIEnvironment, _given: dict[str, str]) -> Answer:
        """Sign the person out here, and at the one service provider that there is."""
        session, partner = self.sessions.get(_cookie(environ)), self._partner()
        if session is None or partner is None:
            return _page("Signed out", "<p>You are signed out.</p>")
        name = self._name(session.person, partner)
        _binding, destination = self.saml.pick_binding(
            "single_logout_service", [BINDING_HTTP_REDIRECT], "spsso", entity_id=partner
        )
        _id, request = self.saml.create_logout_request(
            destination, partner, name_id=name, session_indexes=session.indexes, sign=False
        )
        return self._redirect(request, "")

    def _redirect(
        self,
        message: Any,
        relay_state: str,
        headers: Mapping[str, str] | None = None,
        *,
        response: bool = False,
    ) -> Answer:
        sent = self.saml.apply_binding(
            BINDING_HTTP_REDIRECT,
            str(message),
            message.destination,
            relay_state,
            response=response,
            sign=True,
            sigalg=_RSA_SHA256,
        )
        return Answer("302 Found", headers={**dict(sent["headers"]), **(headers or {})})

    def _partner(self) -> str | None:
        return next(iter(self.saml.metadata.keys()), None)

    def _name(self, person: KnownPerson, partner: str) -> NameID:
        return NameID(
            format=NAMEID_FORMAT_PERSISTENT,
            name_qualifier=self.saml.config.entityid,
            sp_name_qualifier=partner,
            text=f"pysaml2-{person.username}",
        )


def _cookie(environ: WSGIEnvironment) -> str:
    found = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(_COOKIE)
    return found.value if found else ""


def _encoded(response: Any) -> str:
    # (an encrypted response comes as text, another as an object that becomes one)
    return b64encode(str(response).encode()).decode()


def _signature(given: Mapping[str, str]) -> tuple[str | None, str | None, str | None]:
    return given.get("RelayState"), given.get("SigAlg"), given.get("Signature")


def _fields(environ: WSGIEnvironment) -> dict[str, str]:
    text = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] == "POST":
        text = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


def _hidden(fields: Mapping[str, str]) -> str:
    shape = '<input type="hidden" name="{}" value="{}">'
    return "".join(shape.format(html.escape(name), html.escape(value)) for name, value in fields.items())


def _page(title: str, body: str, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer("200 OK", _PAGE.format(title=title, body=body), headers or {})
