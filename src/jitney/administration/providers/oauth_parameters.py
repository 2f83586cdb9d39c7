"""Which parameters of an authorization request a setting may add (pure)."""

from collections.abc import Collection, Iterator, Mapping

OURS_ALONE = frozenset(
    {
        "client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "scope", "state",
        "nonce", "code_challenge", "code_challenge_method", "code_verifier", "request", "request_uri",
    }
)  # fmt: skip
"""Parameters of an authorization request that no setting may replace."""


def find_parameter_faults(
    parameters: Mapping[str, str], *, ours: Collection[str] = OURS_ALONE, field: str = "extra_parameters"
) -> Iterator[tuple[str, str]]:
    """Tell what is wrong with added parameters, under ``field``."""
    if taken := set(ours).intersection(parameters):
        yield field, f"These parameters are Jitney's own: {', '.join(sorted(taken))}."
    if any(not name.strip() or not name.isprintable() for name in parameters):
        yield field, "A parameter has a name."
