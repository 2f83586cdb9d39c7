"""``/oauth2/userinfo``: claims for whoever holds an access token."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import InvalidInput, JitneyError
from jitney.openid_provider.userinfo import UserInfo
from jitney.web.openid.errors import NO_STORE, Place, error_response, json_response


@dataclass(frozen=True, slots=True)
class UserInfoEndpoint:
    """Reads the token from the header alone: in a query it would stand in logs (RFC 6750 section 2)."""

    user_info: UserInfo

    async def handle(self, http: Request) -> Response:
        """``GET`` and ``POST`` are the same here (OIDC Core 5.3.1)."""
        header = http.headers.get("authorization")
        if header is None:
            # RFC 6750 section 3.1: who sends no token is told the scheme and no error.
            headers = {**NO_STORE, "www-authenticate": 'Bearer realm="jitney"'}
            return Response(status_code=401, headers=headers)
        try:
            return json_response(await self.user_info.tell(_bearer(header)))
        except JitneyError as fault:
            return error_response(fault, Place.BEARER, challenge="Bearer")


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise InvalidInput("bearer_malformed", "The Authorization header must carry a bearer token.")
    return token.strip()
