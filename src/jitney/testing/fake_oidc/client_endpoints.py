"""The endpoints that a client calls: token and UserInfo."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from typing import Any

from aiohttp import web

from jitney.testing.fake_oidc.clients import BadClientError, ClientDesk, RegisteredClient
from jitney.testing.fake_oidc.lies import Lie, Place
from jitney.testing.fake_oidc.lying_answers import answer, json_answer
from jitney.testing.fake_oidc.lying_tokens import Workshop, compose_token, half_hash
from jitney.testing.fake_oidc.record import TokenRequest
from jitney.testing.fake_oidc.state import TENANT, Grant, ProviderState, keep, of_places

NAMES = frozenset({"name", "given_name", "family_name", "preferred_username"})


class BadGrantError(Exception):
    """The code or the refresh token is no good; the first argument is the error code of RFC 6749 5.2."""


class ClientEndpoints:
    """What a client sees."""

    def __init__(self, state: ProviderState) -> None:
        self.state = state

    async def token(self, request: web.Request) -> web.Response:
        """``POST /token`` (OIDC Core 3.1.3 and 12): exchanges a code or a refresh token."""
        sent = await request.post()
        form = {name: str(value) for name, value in sent.items()}
        try:
            desk = ClientDesk(
                self.state.clients, self.state.place, self.state.now, self.state.used_assertions
            )
            client, method = desk.verify_client(request.headers.get("Authorization"), form)
        except BadClientError as fault:
            self.state.received.token_requests.append(TokenRequest("", form, str(fault)))
            return json_answer({"error": "invalid_client", "error_description": str(fault)}, status=401)
        self.state.received.token_requests.append(TokenRequest(method, form))
        try:
            grant, lies = self._redeem(client, form, duplicated=len(sent) != len(form))
        except BadGrantError as fault:
            return json_answer({"error": fault.args[0], "error_description": fault.args[1]}, status=400)
        if Lie.TOKEN_NEVER_ANSWERS in lies:
            await self.state.released.wait()
        return answer(self._tokens(grant, lies), of_places(lies, Place.TOKEN_ENDPOINT))

    async def userinfo(self, request: web.Request) -> web.Response:
        """``GET`` and ``POST /userinfo`` (OIDC Core 5.3)."""
        scheme, _, access_token = request.headers.get("Authorization", "").partition(" ")
        grant = self.state.access_tokens.get(access_token) if scheme.lower() == "bearer" else None
        if grant is None:
            return web.Response(status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        self.state.received.userinfo_subjects.append(grant.person.sub)
        claims = {"sub": grant.person.sub, **_claims(grant)}
        return answer(claims, of_places(grant.lies, Place.USERINFO))

    def _redeem(
        self, client: RegisteredClient, form: Mapping[str, str], *, duplicated: bool
    ) -> tuple[Grant, tuple[Lie, ...]]:
        """The grant behind a request, and the lies of its answer; a code and a refresh token work once."""
        if duplicated:
            raise BadGrantError("invalid_request", "a parameter is there twice")
        match form.get("grant_type"):
            case "authorization_code":
                grant = self.state.codes.pop(form.get("code", ""), None)
                _check_code(grant, client, form)
                lies = tuple(lie for lie in grant.lies if lie.place is not Place.REFRESH) if grant else ()
            case "refresh_token":
                grant = self.state.refresh_tokens.pop(form.get("refresh_token", ""), None)
                lies = (*self.state.liar.standing, *self.state.liar.upcoming)
                lies += tuple(of_places(self.state.liar.latest, Place.REFRESH))
            case _:
                raise BadGrantError("unsupported_grant_type", "only codes and refresh tokens are served")
        if grant is None or grant.client.client_id != client.client_id:
            raise BadGrantError("invalid_grant", "unknown, used, or another client's")
        return grant, lies

    def _tokens(self, grant: Grant, lies: Collection[Lie]) -> dict[str, Any]:
        access_token = keep(self.state.access_tokens, grant)
        answer: dict[str, Any] = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": self.state.habits.token_seconds,
            "scope": " ".join(grant.scopes),
            "id_token": self._id_token(grant, access_token, lies),
        }
        if "offline_access" in grant.scopes:
            answer["refresh_token"] = keep(self.state.refresh_tokens, grant)
        return answer

    def _id_token(self, grant: Grant, access_token: str, lies: Collection[Lie]) -> str:
        """The ID token (OIDC Core 2)."""
        state, now = self.state, int(self.state.now())
        claims: dict[str, Any] = {
            "iss": state.token_issuer,
            "sub": grant.person.sub,
            "aud": grant.client.client_id,
            "iat": now,
            "exp": now + state.habits.token_seconds,
            "auth_time": grant.auth_time,
            "at_hash": half_hash(access_token),
            "sid": grant.session_id,
            "jti": secrets.token_urlsafe(9),
        }
        if grant.nonce is not None:
            claims["nonce"] = grant.nonce
        if grant.acr is not None:
            claims["acr"] = grant.acr
        if state.habits.claims_in_id_token:
            claims |= _claims(grant)
        if TENANT in state.issuer:
            claims["tid"] = state.habits.tenant
        shop = Workshop(state.keys, state.keys.current[state.habits.id_token_alg], grant.client.secret)
        return compose_token(claims, lies, shop)


def _claims(grant: Grant) -> dict[str, Any]:
    """The claims that the scopes ask for; without the name, where that is told in the form alone."""
    told = grant.person.claims_for(grant.scopes)
    return {name: value for name, value in told.items() if not (grant.hides_name and name in NAMES)}


def _check_code(grant: Grant | None, client: RegisteredClient, form: Mapping[str, str]) -> None:
    """A code belongs to its client, its redirect URI (RFC 6749 4.1.3) and its verifier (RFC 7636 4.6)."""
    if grant is None or grant.client.client_id != client.client_id:
        raise BadGrantError("invalid_grant", "the code is unknown, used, or another client's")
    if grant.redirect_uri != form.get("redirect_uri"):
        raise BadGrantError("invalid_grant", "the redirect URI is another one")
    if grant.code_challenge is None:
        if "code_verifier" in form:
            raise BadGrantError("invalid_grant", "a verifier came, no challenge went before")
        return
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    if not hmac.compare_digest(challenge.encode(), grant.code_challenge.encode()):
        raise BadGrantError("invalid_grant", "the verifier does not fit the challenge")
