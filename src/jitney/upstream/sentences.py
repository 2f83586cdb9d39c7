"""What a person is told when their identity provider's answer does not do, whatever the provider speaks.

The sentences say nothing about what was wrong in detail: whoever forged it would learn from them.
The code stands in the log, in the outcome and in the tests.
"""

from typing import Final

from jitney.errors import UpstreamRejected, UpstreamUnavailable

Fault = type[UpstreamRejected] | type[UpstreamUnavailable]

LATER: Final = (
    UpstreamUnavailable,
    "The identity provider is not answering as it should. Please try again in a few minutes.",
)
SET_UP: Final = (
    UpstreamUnavailable,
    "Signing in with this identity provider is not set up correctly. Please tell your administrator.",
)
NOT_PROVEN: Final = (
    UpstreamRejected,
    "The identity provider's answer could not be verified, so you were not signed in. "
    "Please start again, and tell your administrator if it keeps happening.",
)
START_AGAIN: Final = (
    UpstreamRejected,
    "The answer that came back does not belong to this sign-in. Please start again.",
)
SAID_NO: Final = (
    UpstreamRejected,
    "The identity provider did not sign you in. Please start again, or choose another way to sign in.",
)
