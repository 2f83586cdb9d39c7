"""The provider's public keys: remembered, renewed when they rotate, dropped when withdrawn (R-073)."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final, cast

from jitney.errors import InvalidInput
from jitney.jose.algorithms import AsymmetricName
from jitney.jose.key_set import KeySet, parse_key_set
from jitney.jose.verifying import VerifiedToken, verify_signature
from jitney.outgoing.client import OutgoingClient
from jitney.upstream.faults import call_to, flaws_of, refusal
from jitney.upstream.remembered import Lifetime, Remembered

KEYS_LIFETIME: Final = Lifetime(
    fresh=timedelta(minutes=5), kept_while_failing=timedelta(hours=1), pause=timedelta(seconds=60)
)
"""A withdrawn key verifies for at most ``fresh`` longer, while the provider can be asked."""


async def fetch_keys(outgoing: OutgoingClient, jwks_uri: str) -> KeySet:
    """Fetch and check the key set (RFC 7517).

    Raises ``UpstreamUnavailable`` (``key_set_failed``, ``key_set_malformed`` …) and ``UpstreamRejected``
    (``key_set_symmetric_key``, ``key_set_duplicate_kid``).
    """
    with call_to("key_set"):
        answer = await outgoing.get_json(jwks_uri)
    if answer.status != 200:
        raise refusal("key_set_failed", status=answer.status)
    with flaws_of("key_set"):
        return parse_key_set(answer.body)


class RemoteKeys:
    """Verifies signatures by the provider's keys, with the algorithms that its settings allow."""

    def __init__(self, remembered: Remembered[KeySet], *, algorithms: Collection[str]) -> None:
        self._remembered = remembered
        # The verifier refuses every name that is not asymmetric, so that a wrong setting widens nothing.
        self._algorithms = cast("frozenset[AsymmetricName]", frozenset(algorithms))

    async def verify(self, unverified_token: str, *, types: Collection[str]) -> VerifiedToken:
        """Return the token, if one of the provider's keys signed it.

        A key that we do not know may be a new one: the set is asked for again, once,
        and at most once a minute.
        Raises ``InvalidInput`` as ``verify_signature`` does, and what ``fetch_keys`` raises.
        """
        key_set = await self._remembered.get()
        try:
            return self._verify(unverified_token, key_set, types)
        except InvalidInput as flaw:
            if flaw.code != "jws_unknown_key":
                raise
            newer = await self._remembered.find_newer(key_set)
            if newer is None:
                raise
        return self._verify(unverified_token, newer, types)

    def _verify(self, unverified_token: str, key_set: KeySet, types: Collection[str]) -> VerifiedToken:
        return verify_signature(unverified_token, key_set=key_set, algorithms=self._algorithms, types=types)
