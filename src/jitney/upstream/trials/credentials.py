"""Tries our client credentials at a token endpoint, with a code that nobody was given."""

from collections.abc import Callable
from typing import Final

from jitney.errors import JitneyError
from jitney.model.diagnosis import Step
from jitney.model.identity_provider import IdentityProvider
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import UpstreamAttempt
from jitney.outgoing.client import OutgoingClient
from jitney.ports import Entropy
from jitney.upstream.callback import verify_code
from jitney.upstream.client_authentication import ClientProof
from jitney.upstream.token_request import redeem_code
from jitney.upstream.trials.steps import bad, doubtful, faulty, good

STEP: Final = "credentials"


async def try_credentials(
    outgoing: OutgoingClient,
    token_endpoint: str,
    *,
    attempt: UpstreamAttempt,
    prove: Callable[[], ClientProof],
) -> Step:
    """Say whether the token endpoint knows us.

    A good client with a bad code is told so (``invalid_grant``, RFC 6749 5.2), a bad client that it is one; any
    other answer proves neither.
    """
    code = verify_code({"code": "jitney-trial-of-the-credentials"})
    try:
        await redeem_code(outgoing, token_endpoint, code=code, attempt=attempt, proof=prove())
    except JitneyError as fault:
        return _meaning(fault)
    sentence = "The provider gave tokens for a code that it never issued: do not trust it."
    return bad(STEP, sentence, "provider_takes_any_code")


def trial_attempt(
    idp: IdentityProvider, entropy: Entropy, *, redirect_uri: str, pkce: bool
) -> UpstreamAttempt:
    """Return a trip that nobody takes."""
    return UpstreamAttempt(
        idp=idp.id,
        idp_version=idp.version,
        state_hash=hash_secret(entropy.token()),
        nonce=entropy.token(),
        code_verifier=entropy.token() if pkce else "",
        redirect_uri=redirect_uri,
    )


def _meaning(fault: JitneyError) -> Step:
    match fault.code:
        case "token_request_code_refused":
            return good(STEP, "The token endpoint knows our client id and takes our proof.")
        case "token_request_client_refused":
            sentence = (
                "The token endpoint does not know our client id, or refuses our secret or key: correct them."
            )
            return bad(STEP, sentence, fault.code)
        case "client_credentials_unusable":
            return faulty(STEP, fault)
        case code if code.startswith("upstream_"):
            return faulty(STEP, fault)
        case _:
            return _meaning_of_another(fault)


def _meaning_of_another(fault: JitneyError) -> Step:
    """Tell an address where no codes are redeemed, which keeps people out, from a refusal that proves nothing."""
    status, answered = fault.details.get("status"), "The token endpoint answered a code of ours with"
    if _is_no_token_endpoint(status):
        sentence = f"{answered} status {status}: is its address right, and is it well?"
        return bad(STEP, sentence, fault.code)
    if fault.details.get("is_page"):
        return bad(STEP, f"{answered} a page for people: is its address right?", fault.code)
    if fault.code == "token_answer_malformed":
        return bad(STEP, f"{answered} no JSON: is its address right?", fault.code)
    said = fault.details.get("upstream_code", "unreadable")
    return doubtful(STEP, f"{answered} {said}, which proves nothing.", fault.code)


def _is_no_token_endpoint(status: object) -> bool:
    """Say whether nothing redeems codes there: no page, no POST, or a breakdown."""
    return isinstance(status, int) and (status in {404, 405} or status >= 500)
