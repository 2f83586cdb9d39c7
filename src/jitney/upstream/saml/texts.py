"""Texts and times of verified elements, each read in one way only (R-068)."""

from datetime import UTC, datetime

from lxml import etree

from jitney.upstream.faults import refusal


def read_text(element: etree._Element, subject: str) -> str:
    """Return all text of an element that holds nothing but text; ``saml_<subject>_not_text`` otherwise.

    ``ada@acme.example<!-- -->.attacker.example`` is signed as one name; a reader of the first piece of text
    would let its owner in as Ada.
    """
    if len(element):
        raise refusal(f"saml_{subject}_not_text")
    return element.text or ""


def read_moment(written: str, *, document: str) -> datetime:
    """Return an ``xs:dateTime`` in UTC, which it is in where it names no zone (SAML Core 1.3.3).

    Raises ``saml_<document>_time_malformed``.
    """
    try:
        moment = datetime.fromisoformat(written)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refusal(f"saml_{document}_time_malformed") from None


def find_moment(element: etree._Element, attribute: str, *, document: str) -> datetime | None:
    """Return the time in an attribute, ``None`` where there is none."""
    written = element.get(attribute)
    return None if written is None else read_moment(written, document=document)
