"""Ask the provider for the person's addresses, and take the primary one if it is verified (GitHub)."""

from collections.abc import Mapping
from typing import Final, cast

from jitney.jose.limits import parse_json_array
from jitney.outgoing.client import OutgoingClient
from jitney.upstream.bearer_call import ask_with_token
from jitney.upstream.faults import flaws_of

EMAILS_MAX_BYTES: Final = 64 * 1024


async def fetch_verified_email(outgoing: OutgoingClient, endpoint: str, access_token: str) -> str | None:
    """Return the primary address, if the provider has verified it (GitHub REST, *List email addresses*).

    ``None`` where it has not, and where the list names more than one primary address: which is meant is unknown.
    Raises ``emails_…``: without an answer nobody is signed in without an address, as if they had none.
    """
    answer = await ask_with_token(outgoing, endpoint, access_token, document="emails")
    with flaws_of("emails"):
        entries = parse_json_array(answer.body, max_bytes=EMAILS_MAX_BYTES)
    rows = [cast("Mapping[str, object]", entry) for entry in entries if isinstance(entry, dict)]
    primary = [row for row in rows if row.get("primary") is True]
    if len(primary) != 1 or primary[0].get("verified") is not True:
        return None
    email = primary[0].get("email")
    return email if isinstance(email, str) and email else None
