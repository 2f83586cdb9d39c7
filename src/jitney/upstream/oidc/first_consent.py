"""The name that Apple sends with the form of the very first consent, through the browser and never again."""

from collections.abc import Mapping
from typing import Final, cast

from jitney.errors import InvalidInput
from jitney.jose.limits import parse_json_object
from jitney.model.connection import OIDCConnection
from jitney.model.federated_identity import UnverifiedResponse

USER_MAX_BYTES: Final = 4096
NAME_MAX_CHARACTERS: Final = 100
_NAMES: Final = {"given_name": "firstName", "family_name": "lastName"}


def read_first_consent(unverified: UnverifiedResponse, connection: OIDCConnection) -> Mapping[str, str]:
    """Return ``given_name`` and ``family_name`` from the form's ``user``, as far as they can be read.

    Whoever sits at the browser can write what he likes into this field, so it gives a name and nothing else: the
    address in it is not looked at (the ID token holds the one that Apple has verified), and no claim of it ever
    counts as signed. A field that cannot be read is none: it is not what proves who is here.
    """
    if not (unverified.is_posted and connection.is_answered_by_post):
        return {}
    try:
        user = parse_json_object(
            unverified.parameters.get("user", "{}").encode("utf-8", "replace"), max_bytes=USER_MAX_BYTES
        )
    except InvalidInput:
        return {}
    name = user.get("name")
    parts = cast("Mapping[str, object]", name) if isinstance(name, dict) else {}
    read = {claim: _plain(parts.get(part)) for claim, part in _NAMES.items()}
    return {claim: value for claim, value in read.items() if value}


def _plain(value: object) -> str:
    if not isinstance(value, str) or len(value) > NAME_MAX_CHARACTERS or not value.isprintable():
        return ""
    return value.strip()
