"""The endpoints that a browser visits: authorize, "who are you?", and end of session."""

import json
import secrets
from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from aiohttp import web

from jitney.testing.fake_oidc.clients import RegisteredClient
from jitney.testing.fake_oidc.lies import Lie
from jitney.testing.fake_oidc.lying_answers import Parameters, respond
from jitney.testing.fake_oidc.pages import FORM_POLICY, message, posting_form, who_are_you
from jitney.testing.fake_oidc.people import Person
from jitney.testing.fake_oidc.state import Grant, ProviderState, keep

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class BrowserEndpoints:
    """What people see, or would see if the provider did not answer for them."""

    def __init__(self, state: ProviderState) -> None:
        self.state = state

    async def authorize(self, request: web.Request) -> web.Response:
        """``GET`` and ``POST /authorize`` (OIDC Core 3.1.2.1): a redirect, or the page that asks."""
        sent = await request.post() if request.method == "POST" else request.query
        parameters = {name: str(value) for name, value in sent.items()}
        self.state.received.authorizations.append(parameters)
        client = self.state.clients.get(parameters.get("client_id", ""))
        if client is None:
            return _page("Unknown client", "No such client is registered here.", status=400)
        if parameters.get("redirect_uri") not in client.redirect_uris:
            return _page("Wrong redirect URI", "The client did not register this redirect URI.", status=400)
        fault = self._fault(parameters, duplicated=len(sent) != len(parameters))
        if fault:
            return self._refuse(parameters, *fault)
        return self._ask(parameters) if self.state.habits.interactive else self._finish(client, parameters)

    async def interaction(self, request: web.Request) -> web.Response:
        """``POST /interaction``: somebody said who they are; each ticket works once."""
        form = await request.post()
        parameters = self.state.tickets.pop(str(form.get("ticket")), None)
        if parameters is None:
            return _page("Too late", "This sign-in was finished already. Start again.", status=400)
        client = self.state.clients[parameters["client_id"]]
        return self._finish(client, {**parameters, "login_hint": str(form.get("person", ""))})

    async def end_session(self, request: web.Request) -> web.Response:
        """``GET`` and ``POST /end_session`` (OIDC RP-Initiated Logout 2)."""
        sent = await request.post() if request.method == "POST" else request.query
        parameters = {name: str(value) for name, value in sent.items()}
        self.state.received.end_sessions.append(parameters)
        back = parameters.get("post_logout_redirect_uri")
        if back is None:
            return _page("Signed out", "You are signed out of Acme.")
        if not any(back in client.post_logout_redirect_uris for client in self.state.clients.values()):
            return _page(
                "Signed out", "You are signed out. The address to return to is not registered.", status=400
            )
        state = parameters.get("state")
        return _redirect(back, [("state", state)] if state else [])

    def _fault(self, parameters: Mapping[str, str], *, duplicated: bool) -> tuple[str, str] | None:
        """Error code and description of a request that an honest provider refuses."""
        if duplicated:
            return "invalid_request", "a parameter is there twice"
        if parameters.get("response_type") != "code":
            return "unsupported_response_type", "only code is served"
        if "openid" not in parameters.get("scope", "").split():
            return "invalid_scope", "openid is missing"
        if "code_challenge" in parameters and parameters.get("code_challenge_method") != "S256":
            return "invalid_request", "only the S256 challenge is served"
        if "code_challenge" not in parameters and self.state.habits.require_pkce:
            return "invalid_request", "a code challenge is required"
        if parameters.get("prompt") == "none" and self.state.habits.interactive:
            return "login_required", "nobody is signed in"
        return None

    def _ask(self, parameters: dict[str, str]) -> web.Response:
        ticket = keep(self.state.tickets, parameters)
        action = f"{self.state.place}/interaction"
        hint = parameters.get("login_hint", "")
        page = who_are_you(self.state.people, action=action, ticket=ticket, hint=hint)
        return web.Response(text=page, content_type="text/html", headers=_HEADERS)

    def _finish(self, client: RegisteredClient, parameters: Mapping[str, str]) -> web.Response:
        person = self.state.find_person(parameters.get("login_hint"))
        if person is None:
            return self._refuse(parameters, "access_denied", "nobody of that name is known here")
        grant = self._grant(client, person, parameters)
        answer = [("code", keep(self.state.codes, grant)), *self._state_and_issuer(parameters)]
        return self._send_back(
            parameters, respond([*answer, *self._name_once(grant)], grant.lies), grant.lies
        )

    def _grant(self, client: RegisteredClient, person: Person, parameters: Mapping[str, str]) -> Grant:
        return Grant(
            client=client,
            person=person,
            redirect_uri=parameters["redirect_uri"],
            scopes=tuple(parameters["scope"].split()),
            nonce=parameters.get("nonce"),
            code_challenge=parameters.get("code_challenge"),
            acr=parameters.get("acr_values", "").partition(" ")[0] or None,
            auth_time=int(self.state.now()),
            session_id=secrets.token_urlsafe(9),
            lies=self.state.liar.begin_sign_in(),
            hides_name=self.state.habits.tells_name_once and parameters.get("response_mode") == "form_post",
        )

    def _name_once(self, grant: Grant) -> Parameters:
        """The ``user`` of the first sign-in (Sign in with Apple), where that is this provider's habit."""
        sub = grant.person.sub
        if not grant.hides_name or sub in self.state.named:
            return []
        self.state.named.add(sub)
        claims = grant.person.claims
        name = {"firstName": claims.get("given_name"), "lastName": claims.get("family_name")}
        return [("user", json.dumps({"name": name, "email": claims.get("email")}))]

    def _send_back(
        self, parameters: Mapping[str, str], answer: Parameters, lies: Collection[Lie] = ()
    ) -> web.Response:
        """The answer in the address, or as a form that posts itself (OIDC Form Post Response Mode 2)."""
        address = parameters["redirect_uri"]
        if parameters.get("response_mode") != "form_post" or Lie.QUERY_INSTEAD_OF_FORM in lies:
            return _redirect(address, answer)
        text, policy = posting_form(address, answer), {"Content-Security-Policy": FORM_POLICY}
        return web.Response(text=text, content_type="text/html", headers={**_HEADERS, **policy})

    def _refuse(self, parameters: Mapping[str, str], error: str, description: str) -> web.Response:
        answer = [("error", error), ("error_description", description), *self._state_and_issuer(parameters)]
        return self._send_back(parameters, answer)

    def _state_and_issuer(self, parameters: Mapping[str, str]) -> Parameters:
        """What every answer carries: the state as it came, and who answers (RFC 9207 2)."""
        state = [("state", parameters["state"])] if "state" in parameters else []
        return [*state, ("iss", self.state.token_issuer)] if self.state.habits.names_issuer else state


def _redirect(address: str, parameters: Parameters) -> web.Response:
    joint = "&" if "?" in address else "?"
    location = f"{address}{joint}{urlencode(parameters)}" if parameters else address
    return web.Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})


def _page(title: str, text: str, status: int = 200) -> web.Response:
    return web.Response(text=message(title, text), status=status, content_type="text/html", headers=_HEADERS)
