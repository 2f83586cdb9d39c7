"""``/oauth2/token``, ``/oauth2/revoke``, ``/oauth2/introspect``: programs that prove who they are."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import InvalidInput, JitneyError
from jitney.model.grant import TokenSet
from jitney.openid_provider.client_authentication import ClientAuthenticator, ProvenApplication
from jitney.openid_provider.exchange import Exchange
from jitney.openid_provider.known_tokens import KnownTokens
from jitney.web.openid.errors import Place, error_response, json_response
from jitney.web.openid.forms import read_fields

_Act = Callable[[Mapping[str, str], ProvenApplication], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class TokenEndpoints:
    """The endpoints that applications call without a browser."""

    clients: ClientAuthenticator
    exchange: Exchange
    known_tokens: KnownTokens

    async def token(self, http: Request) -> Response:
        """``POST /oauth2/token`` (RFC 6749 section 3.2)."""
        return await self._answer(http, self._token)

    async def revoke(self, http: Request) -> Response:
        """``POST /oauth2/revoke`` (RFC 7009)."""
        return await self._answer(http, self._revoke)

    async def introspect(self, http: Request) -> Response:
        """``POST /oauth2/introspect`` (RFC 7662); for applications that can keep a secret (R-088)."""
        return await self._answer(http, self._introspect, public_allowed=False)

    async def _answer(self, http: Request, act: _Act, *, public_allowed: bool = True) -> Response:
        header = http.headers.get("authorization")
        try:
            form = await read_fields(http)
            client = await self.clients.prove(form, authorization=header, public_allowed=public_allowed)
            return await act(form, client)
        except JitneyError as fault:
            return error_response(fault, Place.TOKEN, challenge="Basic")

    async def _token(self, form: Mapping[str, str], client: ProvenApplication) -> Response:
        match form.get("grant_type"):
            case "authorization_code":
                return _tokens(await self.exchange.redeem(form, client))
            case "refresh_token":
                return _tokens(await self.exchange.refresh(form, client))
            case None:
                raise InvalidInput("parameter_missing", "The parameter grant_type is missing.")
            case _:
                raise InvalidInput("grant_type_unknown", "This grant_type is not supported.")

    async def _revoke(self, form: Mapping[str, str], client: ProvenApplication) -> Response:
        await self.known_tokens.revoke(_token_of(form), client)
        return json_response({})

    async def _introspect(self, form: Mapping[str, str], client: ProvenApplication) -> Response:
        return json_response(await self.known_tokens.introspect(_token_of(form), client))


def _token_of(form: Mapping[str, str]) -> str:
    if "token" not in form:
        raise InvalidInput("parameter_missing", "The parameter token is missing.")
    return form["token"]


def _tokens(tokens: TokenSet) -> Response:
    body: dict[str, object] = {
        "access_token": tokens.access_token,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "scope": " ".join(tokens.scopes),
    }
    if tokens.id_token is not None:
        body["id_token"] = tokens.id_token
    if tokens.refresh_token is not None:
        body["refresh_token"] = tokens.refresh_token
    return json_response(body)
