"""What an application would be told about somebody who tries it, row by row: scope, claim, value, and where."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from jitney.openid_provider.told_claims import SCOPES_OF_ID_TOKEN
from jitney.signin.application_trial import TriedApplication

_WITHOUT_CLAIMS: Final = {
    "offline_access": "refresh tokens",
    "openid": "a name that is made with the account",
}
_UNKNOWN: Final = "nothing is known of them here"

ID_TOKEN: Final = "ID token"
USERINFO: Final = "userinfo"


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One claim; without ``claim`` the text says what the scope gives instead."""

    scope: str
    claim: str
    text: str
    where: str


def told_rows(tried: TriedApplication) -> tuple[ToldRow, ...]:
    """Return every claim by its scope, and what the ID token says of the sign-in; nothing where nobody comes in."""
    stated = [ToldRow("openid", name, _text(value), ID_TOKEN) for name, value in tried.stated.items()]
    return (*_by_scope(tried), *stated) if tried.told else ()


def _by_scope(tried: TriedApplication) -> Iterator[ToldRow]:
    for scope, claims in tried.told.items():
        where = f"{ID_TOKEN} and {USERINFO}" if scope in SCOPES_OF_ID_TOKEN else USERINFO
        for name, value in claims.items():
            yield ToldRow(scope, name, _text(value), where)
        if not claims:
            yield ToldRow(scope, "", _WITHOUT_CLAIMS.get(scope, _UNKNOWN), "")


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
