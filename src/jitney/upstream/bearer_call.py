"""Ask an endpoint of the provider about the person whose access token we were given (RFC 6750)."""

from typing import Final

from jitney.outgoing.client import OutgoingClient, OutgoingResponse
from jitney.upstream.faults import call_to, refusal

JSON_ONLY: Final = "application/json"


async def get_with_token(
    outgoing: OutgoingClient, url: str, access_token: str, *, place: str, accept: str = JSON_ONLY
) -> OutgoingResponse:
    """Return the answer, whatever its status; the token travels in a header, never in the address (R-057).

    ``place`` names the endpoint in the operator's log.
    Raises ``UpstreamUnavailable`` with the outgoing client's codes.
    """
    with call_to(place):
        return await outgoing.get_bytes(
            url, accept=accept, headers={"Authorization": f"Bearer {access_token}"}
        )


async def ask_with_token(
    outgoing: OutgoingClient, url: str, access_token: str, *, document: str, accept: str = JSON_ONLY
) -> OutgoingResponse:
    """Return an answer that is one.

    ``document`` names it in codes: raises ``UpstreamRejected`` (``<document>_refused``) and ``UpstreamUnavailable``
    (``<document>_failed``, and the outgoing client's codes).
    """
    answer = await get_with_token(outgoing, url, access_token, place=document, accept=accept)
    if answer.status in (401, 403):
        raise refusal(f"{document}_refused", status=answer.status)
    if answer.status != 200:
        raise refusal(f"{document}_failed", status=answer.status)
    return answer
