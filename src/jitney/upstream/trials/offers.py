"""Compares what we are set up to use with what a provider says that it offers."""

from jitney.model.diagnosis import Step
from jitney.upstream.trials.steps import bad, doubtful, good

_MEND = {
    "authentication": "Set token_endpoint_auth to one of them.",
    "response_mode": "Set response_mode to one of them.",
    "scopes": "Take it out of scopes if people cannot sign in.",
    "pkce": "Ask the provider for PKCE with S256: without it a stolen code is worth more.",
}


def judge_offer(step: str, wanted: str, offered: tuple[str, ...]) -> Step | None:
    """Say whether the provider offers what we use; ``None`` of a scope that is in order, or not spoken of.

    Lists of scopes are seldom complete, so that one which is missing there proves nothing.
    """
    if step == "scopes":
        if not offered or wanted in offered:
            return None
        sentence = f"The scope {wanted} is not among those that the provider lists. {_MEND[step]}"
        return doubtful(step, sentence, "provider_scope_not_listed")
    if not offered:
        return doubtful(
            step, f"The provider does not say whether it takes {wanted}.", f"provider_{step}_unsaid"
        )
    if wanted in offered:
        return good(step, f"The provider takes {wanted}.")
    sentence = f"The provider takes {', '.join(offered)}, and not {wanted}. {_MEND[step]}"
    judge = doubtful if step == "pkce" else bad
    return judge(step, sentence, f"provider_{step}_not_offered")
