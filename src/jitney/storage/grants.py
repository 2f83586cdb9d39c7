"""Grants: the codes and token families that applications hold."""

from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddCode, AddTokenFamily, RedeemCode, RevokeTokenFamily, RotateRefreshToken
from jitney.model.claims import Attributes
from jitney.model.grant import Authentication, AuthorizationRequest, Code, TokenFamily
from jitney.model.session import LocalPerson
from jitney.storage.codec import Codec
from jitney.storage.tables import codes as _codes
from jitney.storage.tables import token_families as _families

_REQUEST: Codec[AuthorizationRequest] = Codec(AuthorizationRequest)
_AUTHENTICATION: Codec[Authentication] = Codec(Authentication)
_SCOPES: Codec[tuple[str, ...]] = Codec(tuple[str, ...])
_CLAIMS: Codec[Attributes] = Codec(Attributes)

_FIND_CODE = Statement("find_code", select(_codes).where(_codes.c.hash == bindparam("hash")))
_ADD_CODE = Statement("add_code", insert(_codes))
_REDEEM = Statement(
    "redeem_code",
    update(_codes)
    .where(
        _codes.c.hash == bindparam("hash"), _codes.c.redeemed.is_(None), _codes.c.expires > bindparam("at")
    )
    .values(redeemed=bindparam("at")),
)

_IS_FAMILY = _families.c.id == bindparam("id")
_FIND_FAMILY = Statement("find_token_family", select(_families).where(_IS_FAMILY))
_ADD_FAMILY = Statement("add_token_family", insert(_families))
_ROTATE = Statement(
    "rotate_refresh_token",
    update(_families)
    .where(_IS_FAMILY, _families.c.generation == bindparam("generation") - 1, _families.c.revoked.is_(None))
    .values({column.name: bindparam(column.name) for column in _families.c if column.name != "id"}),
)
_REVOKE = Statement(
    "revoke_token_family",
    update(_families).where(_IS_FAMILY, _families.c.revoked.is_(None)).values(revoked=bindparam("at")),
)


class SQLGrants:
    """Finds codes and token families."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_code(self, code_hash: str) -> Code | None:
        """Find a code, redeemed or not."""
        row = await self._database.fetch_one(_FIND_CODE, hash=code_hash)
        return None if row is None else _code(row)

    async def find_family(self, family_id: str) -> TokenFamily | None:
        """Find a token family, revoked or not."""
        row = await self._database.fetch_one(_FIND_FAMILY, id=family_id)
        return None if row is None else _family(row)


def _add_code(change: AddCode) -> list[Write]:
    return [Write(_ADD_CODE, _code_row(change.code))]


def _redeem(change: RedeemCode) -> list[Write]:
    return [Write(_REDEEM, {"hash": change.hash, "at": to_micros(change.at)}, must=1, guard=change.guard)]


def _add_family(change: AddTokenFamily) -> list[Write]:
    return [Write(_ADD_FAMILY, _family_row(change.family))]


def _rotate(change: RotateRefreshToken) -> list[Write]:
    return [Write(_ROTATE, _family_row(change.family), must=1, guard=change.guard)]


def _revoke(change: RevokeTokenFamily) -> list[Write]:
    return [Write(_REVOKE, {"id": change.id, "at": to_micros(change.at)})]


RENDERS = {
    AddCode: _add_code,
    RedeemCode: _redeem,
    AddTokenFamily: _add_family,
    RotateRefreshToken: _rotate,
    RevokeTokenFamily: _revoke,
}


def _user_of(authentication: Authentication) -> str | None:
    person = authentication.person
    return person.user_id if isinstance(person, LocalPerson) else None


def _code_row(code: Code) -> dict[str, Any]:
    return {
        "hash": code.hash,
        "family": code.family,
        "application": code.request.application,
        "session": code.authentication.session,
        "user_id": _user_of(code.authentication),
        "request": _REQUEST.encode(code.request),
        "authentication": _AUTHENTICATION.encode(code.authentication),
        "issued": to_micros(code.issued),
        "expires": to_micros(code.expires),
        "redeemed": to_micros(code.redeemed),
    }


def _code(row: Row) -> Code:
    return Code(
        hash=row["hash"],
        family=row["family"],
        request=_REQUEST.decode(row["request"]),
        authentication=_AUTHENTICATION.decode(row["authentication"]),
        issued=from_micros(int(row["issued"])),
        expires=from_micros(int(row["expires"])),
        redeemed=from_micros(row["redeemed"]),
    )


def _family_row(family: TokenFamily) -> dict[str, Any]:
    """Return the columns; the federated subject has its own.

    A node of the release before, which rotates a family, writes ``authentication`` as far as it knows it (P-14),
    and a lock on the identity must still find the family afterwards (R-035).
    """
    return {
        "id": family.id,
        "application": family.application,
        "session": family.authentication.session,
        "user_id": _user_of(family.authentication),
        "scopes": _SCOPES.encode(family.scopes),
        "authentication": _AUTHENTICATION.encode(family.authentication),
        "claims": _CLAIMS.encode(family.claims),
        "nonce": family.nonce,
        "issued": to_micros(family.issued),
        "expires": to_micros(family.expires),
        "refreshable": family.refreshable,
        "current_hash": family.current_hash,
        "previous_hash": family.previous_hash,
        "rotated": to_micros(family.rotated),
        "generation": family.generation,
        "revoked": to_micros(family.revoked),
        "subject": family.authentication.subject,
    }


def _family(row: Row) -> TokenFamily:
    authentication = _AUTHENTICATION.decode(row["authentication"])
    return TokenFamily(
        id=row["id"],
        application=row["application"],
        scopes=_SCOPES.decode(row["scopes"]),
        authentication=replace(authentication, subject=row["subject"]),
        claims=_CLAIMS.decode(row["claims"]),
        nonce=row["nonce"],
        issued=from_micros(int(row["issued"])),
        expires=from_micros(int(row["expires"])),
        refreshable=bool(row["refreshable"]),
        current_hash=row["current_hash"],
        previous_hash=row["previous_hash"],
        rotated=from_micros(row["rotated"]),
        generation=row["generation"],
        revoked=from_micros(row["revoked"]),
    )
