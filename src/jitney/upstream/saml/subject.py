"""The name by which a provider knows a person: read, made a subject, and kept for the sign-out."""

import json
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from jitney.model.saml_connection import SAMLConnection
from jitney.model.secret_hash import hash_secret
from jitney.upstream.faults import refusal
from jitney.upstream.saml.names import EMAIL_FORMATS, TRANSIENT_FORMAT, UNSPECIFIED_FORMAT
from jitney.upstream.saml.texts import read_text

NAME_MOST_CHARACTERS: Final = 256
"""SAML Core 8.3.7: "Persistent name identifier values MUST NOT exceed a length of 256 characters"."""

SESSION_MOST_CHARACTERS: Final = 255
"""A provider's name for its session that is longer is not kept."""

SUBJECT_MOST_OCTETS: Final = 1024
"""What every database takes into an index."""

QUALIFIER_MOST_CHARACTERS: Final = 1024
"""SAML Core 8.3.6: an entity id is at most that long, and that is what qualifiers are."""


@dataclass(frozen=True, slots=True)
class NameID:
    """A name as the provider wrote it, exactly (SAML Core 2.2.2 and 2.2.3).

    A qualifier that is written and empty is none.
    """

    value: str = field(repr=False)
    format: str | None = None
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None


def read_name_id(element: etree._Element) -> NameID:
    """Return the name in a verified ``NameID`` element.

    Raises ``saml_name_id_not_text`` (R-068), ``saml_name_id_malformed``.
    """
    name_id = NameID(
        read_text(element, "name_id"),
        (element.get("Format") or "").strip() or None,
        element.get("NameQualifier") or None,
        element.get("SPNameQualifier") or None,
    )
    qualifiers = (name_id.name_qualifier or "", name_id.sp_name_qualifier or "")
    if (
        not name_id.value.strip()
        or len(name_id.value) > NAME_MOST_CHARACTERS
        or any(len(each) > QUALIFIER_MOST_CHARACTERS for each in qualifiers)
    ):
        raise refusal("saml_name_id_malformed", characters=len(name_id.value))
    return name_id


def subject_of(name_id: NameID, connection: SAMLConnection, our_id: str) -> str:
    """Return the subject that a name is (R-001, R-002): its exact text, and its qualifiers where they say more.

    Two directories behind one provider may give two people the same name; the qualifier tells them apart.
    One that is simply the provider or us (``our_id``) says nothing, and a provider may begin to write it any day.
    No two names have the same subject: the text of a qualified one is JSON, and so is that of a name that could
    be taken for it.
    Raises ``saml_name_id_transient``: another one comes next time; ``saml_name_id_mutable``: an e-mail address that
    is given to somebody else lets him in; ``saml_name_id_format_differs``:
    somebody has asked the provider for another
    kind of name, one that he may choose himself; ``saml_name_id_malformed`` for one that is too long to be kept.
    """
    if name_id.format == TRANSIENT_FORMAT:
        raise refusal("saml_name_id_transient")
    if _is_an_address(name_id) and not connection.mutable_subject_allowed_risky:
        raise refusal("saml_name_id_mutable")
    if name_id.format not in (None, connection.name_id_format) and _is_format_stated(connection):
        raise refusal("saml_name_id_format_differs")
    subject = _subject(name_id, connection, our_id)
    if len(subject.encode()) > SUBJECT_MOST_OCTETS:
        raise refusal("saml_name_id_malformed", octets=len(subject.encode()))
    return subject


def _is_an_address(name_id: NameID) -> bool:
    """Say whether the name is an e-mail address: by its format, or by its look where no format is stated."""
    if name_id.format in (None, UNSPECIFIED_FORMAT):
        return "@" in name_id.value
    return name_id.format in EMAIL_FORMATS


def _is_format_stated(connection: SAMLConnection) -> bool:
    """Say whether a format was asked for; an unspecified one leaves the choice to the provider (8.3.1)."""
    return connection.name_id_format not in (None, UNSPECIFIED_FORMAT)


def _subject(name_id: NameID, connection: SAMLConnection, our_id: str) -> str:
    bare = without_usual_qualifiers(name_id, connection, our_id)
    by, towards = bare.name_qualifier, bare.sp_name_qualifier
    if by is None and towards is None and not name_id.value.startswith("["):
        return name_id.value
    return _written([by, towards, name_id.value])


def upstream_name_of(name_id: NameID) -> str:
    """Return what a session is found by when the provider ends it under this name: 64 hex digits.

    The format has no part in it: providers leave it out of their LogoutRequests.
    """
    return hash_secret(_written([name_id.value, name_id.name_qualifier, name_id.sp_name_qualifier]))


def without_usual_qualifiers(name_id: NameID, connection: SAMLConnection, our_id: str) -> NameID:
    """Return the name without qualifiers that are simply the provider and us: left out, they mean those (8.3.7)."""
    by = name_id.name_qualifier if name_id.name_qualifier != connection.entity_id else None
    towards = name_id.sp_name_qualifier if name_id.sp_name_qualifier != our_id else None
    return replace(name_id, name_qualifier=by, sp_name_qualifier=towards)


def logout_hint_of(name_id: NameID, session_index: str | None) -> str:
    """Return what a LogoutRequest of ours must say about the person, as one text to keep."""
    return _written(
        [name_id.value, name_id.format, name_id.name_qualifier, name_id.sp_name_qualifier, session_index]
    )


def read_logout_hint(text: str) -> tuple[NameID, str | None]:
    """Return the name and the session index of ``logout_hint_of``; raises ``ValueError`` for any other text."""
    parts = json.loads(text)
    if not isinstance(parts, list) or len(parts) != 5 or not isinstance(parts[0], str):
        raise ValueError("this is no hint for a sign-out")
    if not all(part is None or isinstance(part, str) for part in parts):
        raise ValueError("this is no hint for a sign-out")
    value, *qualifiers, session_index = parts
    return NameID(value, *qualifiers), session_index


def _written(parts: list[str | None]) -> str:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
