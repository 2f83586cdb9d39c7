"""Sign-ins: the journeys under way.

The nonce and the code verifier of an attempt rest as they are: they live for minutes, and without the code,
the
browser's cookie and our client's secret they open nothing.
What an identity holds rests as it is too, its ``logout_hint`` included, and goes when the journey ends.
What a trial would ask for rests in the column of requests; a row that is a trial is never read as having one.
Who stands half way rests sealed to the journey: it says who is signed in once a second factor is proven (R-022).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddSignIn, SaveSignIn
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.grant import AuthorizationRequest
from jitney.model.half_way import HalfWay
from jitney.model.sign_in import Pending, SignIn, Stage, UpstreamAttempt
from jitney.storage.codec import Codec
from jitney.storage.tables import sign_ins as _t
from jitney.storage.vault import Place, Vault

MOST_PER_BROWSER = 10
"""How many journeys a browser may have under way (R-023)."""

_REQUEST: Codec[AuthorizationRequest] = Codec(AuthorizationRequest)
_ATTEMPT: Codec[UpstreamAttempt] = Codec(UpstreamAttempt)
_IDENTITY: Codec[FederatedIdentity] = Codec(FederatedIdentity)
_PENDING: Codec[Pending] = Codec(Pending)
_HALF_WAY: Codec[HalfWay] = Codec(HalfWay)
_STAGES = {stage.value: stage for stage in Stage}

_FIND = Statement("find_sign_in", select(_t).where(_t.c.handle_hash == bindparam("handle_hash")))
_FIND_BY_STATE = Statement(
    "find_sign_in_by_state", select(_t).where(_t.c.state_hash == bindparam("state_hash"))
)
_FIND_BY_PAGE = Statement("find_sign_in_by_page", select(_t).where(_t.c.page_hash == bindparam("page_hash")))
_ADD = Statement("add_sign_in", insert(_t))
_MOVED = (
    "state_hash",
    "page_hash",
    "expires",
    "stage",
    "version",
    "attempt",
    "identity",
    "pending",
    "half_way",
)
"""What a move may change; the rest of a journey is as it began."""
_SAVE = Statement(
    "save_sign_in",
    update(_t)
    .where(_t.c.handle_hash == bindparam("handle_hash"), _t.c.version == bindparam("version") - 1)
    .values({name: bindparam(name) for name in _MOVED}),
)
_OLDER = (
    select(_t.c.handle_hash)
    .where(_t.c.browser_hash == bindparam("browser_hash"))
    .order_by(_t.c.created.desc(), _t.c.handle_hash.desc())
    .offset(MOST_PER_BROWSER - 1)
)
_FORGET_OLDER = Statement("forget_older_sign_ins", delete(_t).where(_t.c.handle_hash.in_(_OLDER)))


class SQLSignIns:
    """Finds journeys."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def find(self, handle_hash: str) -> SignIn | None:
        """Find a journey by the hash of its handle."""
        row = await self._database.fetch_one(_FIND, handle_hash=handle_hash)
        return None if row is None else _sign_in(row, self._vault)

    async def find_by_state(self, state_hash: str) -> SignIn | None:
        """Find the journey that sent a browser upstream with this state."""
        row = await self._database.fetch_one(_FIND_BY_STATE, state_hash=state_hash)
        return None if row is None else _sign_in(row, self._vault)

    async def find_by_page(self, page_hash: str) -> SignIn | None:
        """Find the journey whose page has this key."""
        row = await self._database.fetch_one(_FIND_BY_PAGE, page_hash=page_hash)
        return None if row is None else _sign_in(row, self._vault)


@dataclass(frozen=True, slots=True)
class SignInWrites:
    """Renders the changes of journeys; needs the vault for who stands half way."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {AddSignIn: self._add, SaveSignIn: self._save}

    def _add(self, change: AddSignIn) -> list[Write]:
        """Make room for the new journey, then insert it; the two never touch the same row."""
        sign_in = change.sign_in
        return [
            Write(_FORGET_OLDER, {"browser_hash": sign_in.browser_hash}, ordered=False),
            Write(_ADD, _row(sign_in, self.vault), ordered=False),
        ]

    def _save(self, change: SaveSignIn) -> list[Write]:
        sign_in = change.sign_in
        key = {"handle_hash": sign_in.handle_hash}
        return [Write(_SAVE, {**key, **_moved(sign_in, self.vault)}, must=1, guard=change.guard)]


def _half_way(handle_hash: str) -> Place:
    return Place(_t.name, handle_hash, "half_way")


def _row(sign_in: SignIn, vault: Vault) -> dict[str, Any]:
    return {
        "handle_hash": sign_in.handle_hash,
        "browser_hash": sign_in.browser_hash,
        "created": to_micros(sign_in.created),
        "request": _REQUEST.encode_or_null(sign_in.trial_for if sign_in.trial_of else sign_in.request),
        "trial_of": sign_in.trial_of,
        **_moved(sign_in, vault),
    }


def _moved(sign_in: SignIn, vault: Vault) -> dict[str, Any]:
    attempt, half_way = sign_in.attempt, _HALF_WAY.encode_or_null(sign_in.half_way)
    return {
        "state_hash": None if attempt is None else attempt.state_hash,
        "page_hash": sign_in.page_hash,
        "expires": to_micros(sign_in.expires),
        "stage": sign_in.stage.value,
        "version": sign_in.version,
        "attempt": _ATTEMPT.encode_or_null(attempt),
        "identity": _IDENTITY.encode_or_null(sign_in.identity),
        "pending": _PENDING.encode_or_null(sign_in.pending),
        "half_way": vault.seal_text(_half_way(sign_in.handle_hash), half_way),
    }


def _sign_in(row: Row, vault: Vault) -> SignIn:
    half_way = vault.open_text(_half_way(row["handle_hash"]), row["half_way"])
    asked, is_trial = _REQUEST.decode_or_null(row["request"]), row["trial_of"] is not None
    return SignIn(
        handle_hash=row["handle_hash"],
        browser_hash=row["browser_hash"],
        created=from_micros(int(row["created"])),
        expires=from_micros(int(row["expires"])),
        request=None if is_trial else asked,
        stage=_STAGES[row["stage"]],
        attempt=_ATTEMPT.decode_or_null(row["attempt"]),
        identity=_IDENTITY.decode_or_null(row["identity"]),
        pending=_PENDING.decode_or_null(row["pending"]),
        version=row["version"],
        trial_of=row["trial_of"],
        trial_for=asked if is_trial else None,
        half_way=_HALF_WAY.decode_or_null(half_way),
    )
