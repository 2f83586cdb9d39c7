"""The documented answers of each provider, as they stand in ``answers/``: read, and told apart by the case."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).parent / "answers"
TOKEN_TIMES = ("iat", "nbf", "exp", "nonce")


@dataclass(frozen=True)
class Recording:
    """What one provider says in one sign-in, and what must come of it.

    ``written`` is what an operator writes; ``discovery`` the address and the document; ``id_token`` the claims that
    it signs with ``signed_with``; ``answers`` what it says at other addresses to the bearer of the access token;
    ``posted`` what comes with the code in a form, ``returned`` what comes with it in the address.
    """

    sources: list[str]
    written: dict[str, Any]
    token_answer: dict[str, Any]
    answers: dict[str, Any]
    expected: dict[str, Any]
    signed_with: Any = "RS256"
    discovery: dict[str, Any] = field(default_factory=dict)
    id_token: dict[str, Any] = field(default_factory=dict)
    keys_beside: list[dict[str, str]] = field(default_factory=list)
    posted: dict[str, str] | None = None
    returned: dict[str, str] = field(default_factory=dict)
    authorization_endpoint: str = ""
    token_endpoint: str = ""

    @property
    def asked_at(self) -> str:
        """Where the browser is sent."""
        return self.authorization_endpoint or self.discovery["document"]["authorization_endpoint"]

    @property
    def redeemed_at(self) -> str:
        """Where the code is redeemed."""
        return self.token_endpoint or self.discovery["document"]["token_endpoint"]


def recording(case: str) -> Recording:
    """The recording of that name; a key that it does not know is an error."""
    return Recording(**json.loads((ANSWERS / f"{case}.json").read_text()))


def cases() -> list[str]:
    """The names of all recordings of OpenID Connect and OAuth 2.0."""
    return sorted(path.stem for path in ANSWERS.glob("*.json"))
