"""Ask the provider whose access token we were given, and read the answer."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final, cast
from urllib.parse import urlencode

from jitney.jose.limits import parse_json_object
from jitney.model.connection import OAuth2Connection
from jitney.outgoing.client import OutgoingClient
from jitney.upstream.bearer_call import ask_with_token
from jitney.upstream.faults import flaws_of, refusal

USERINFO_MAX_BYTES: Final = 64 * 1024
SUBJECT_MAX_CHARACTERS: Final = 255


async def fetch_userinfo(
    outgoing: OutgoingClient, connection: OAuth2Connection, access_token: str
) -> Mapping[str, object]:
    """Return what the provider says about the person; raises ``userinfo_…``.

    Only the object that ``userinfo_root`` names is returned: what stands beside it is not about the person.
    """
    url = userinfo_address(connection, access_token)
    answer = await ask_with_token(outgoing, url, access_token, document="userinfo")
    with flaws_of("userinfo"):
        document = parse_json_object(answer.body, max_bytes=USERINFO_MAX_BYTES)
    if connection.userinfo_root is None:
        return document
    about = document.get(connection.userinfo_root)
    if not isinstance(about, dict):
        raise refusal("userinfo_root_missing")
    return cast("Mapping[str, object]", about)


def userinfo_address(connection: OAuth2Connection, access_token: str) -> str:
    """Return the address of the call, with what the settings put into its query; the token is not in it (R-057).

    ``appsecret_proof`` (Facebook, *Securing Graph API Requests*) is the HMAC-SHA256 of the token under the client
    secret, in hexadecimal: a token that was stolen elsewhere is of no use without it.
    Raises ``client_credentials_unusable``.
    """
    parameters = dict(connection.userinfo_parameters)
    if connection.signs_userinfo_call:
        if not connection.client_secret:
            raise refusal("client_credentials_unusable", flaw="client_secret_missing")
        key = connection.client_secret.encode()
        parameters["appsecret_proof"] = hmac.new(key, access_token.encode(), hashlib.sha256).hexdigest()
    if not parameters:
        return connection.userinfo_endpoint
    joint = "&" if "?" in connection.userinfo_endpoint else "?"
    return f"{connection.userinfo_endpoint}{joint}{urlencode(parameters)}"


def read_subject(userinfo: Mapping[str, object], name: str) -> str:
    """Return the person's immutable id: a text, or a whole number as its digits (R-001, R-002).

    A number with a fraction, a truth value or nothing at all names nobody, and never becomes a key by accident:
    every person for whom the provider sends ``null`` would be one and the same.
    Raises ``userinfo_subject_missing``, ``userinfo_subject_malformed``.
    """
    value = userinfo.get(name)
    if value is None:
        raise refusal("userinfo_subject_missing")
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        value = str(value)
    if not isinstance(value, str) or not 0 < len(value) <= SUBJECT_MAX_CHARACTERS:
        raise refusal("userinfo_subject_malformed")
    return value
