"""``/.well-known/…`` and ``/oauth2/jwks``: documents about us that anybody may read and keep a while."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jitney.errors import JitneyError
from jitney.openid_provider.discovery import metadata
from jitney.openid_provider.signing_keys import KeyRing
from jitney.web.openid.errors import Place, error_response, json_response

# A new key is published for an hour before it signs (``signing_keys.LEAD``); these are kept far shorter.
_METADATA_KEPT: Final = {"cache-control": "public, max-age=3600"}
_KEYS_KEPT: Final = {"cache-control": "public, max-age=300"}


@dataclass(frozen=True, slots=True)
class DiscoveryEndpoints:
    """What applications configure themselves from."""

    issuer: str
    keys: KeyRing

    async def configuration(self, _http: Request) -> Response:
        """``GET`` the metadata (OIDC Discovery 4, RFC 8414)."""
        return json_response(metadata(self.issuer), headers=_METADATA_KEPT)

    async def jwks(self, _http: Request) -> Response:
        """``GET`` the public keys (RFC 7517)."""
        try:
            return json_response({"keys": (await self.keys.current()).published}, headers=_KEYS_KEPT)
        except JitneyError as fault:
            return error_response(fault, Place.TOKEN)
