"""What an operator says about a lock: why, and until when."""

from datetime import UTC, datetime
from typing import Final

from jitney.web.console.doorways import Fields
from jitney.web.console.people.act_page import text_of, wrong
from jitney.web.console.record_fields import Field

LOCK_FIELDS: Final = (
    Field(
        "reason",
        "Reason",
        sentence="Operators read it here, and the person in the copy of their data once they are in again.",
        required=True,
    ),
    Field(
        "until",
        "Until",
        sentence="A day or a moment in UTC; blank means until somebody unlocks it.",
        placeholder="2026-12-24 18:00",
    ),
)


def read_until(fields: Fields) -> datetime | None:
    """Return the end of a lock, in UTC where it says no zone; raises ``InvalidInput`` (``form_invalid``)."""
    text = text_of(fields, "until").removesuffix(" UTC")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as fault:
        raise wrong(until="Write a day or a moment, such as 2026-12-24 18:00.") from fault
