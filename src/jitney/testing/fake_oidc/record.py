"""What the fake provider received, kept for a test's assertions.

Each list keeps the last thousand entries, so that a benchmark does not fill the memory.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One request to the token endpoint: how the client proved itself, and the form that it sent.

    ``auth_method`` is empty when the proof failed; ``refused`` then says why.
    """

    auth_method: str
    form: Mapping[str, str]
    refused: str = ""


@dataclass(slots=True)
class Received:
    """Everything received, oldest first."""

    authorizations: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    token_requests: deque[TokenRequest] = field(default_factory=lambda: deque(maxlen=_KEPT))
    userinfo_subjects: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT))
    end_sessions: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    discovery_requests: int = 0
    jwks_requests: int = 0

    @property
    def authorization(self) -> dict[str, str]:
        """The parameters of the last authorization request (login_hint, prompt, acr_values, nonce …)."""
        return self.authorizations[-1]

    @property
    def token_request(self) -> TokenRequest:
        """The last token request."""
        return self.token_requests[-1]
