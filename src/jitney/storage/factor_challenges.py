"""Factor challenges: what people were asked to answer with a factor, once, each in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy import text as sql_text

from jitney.database.database import Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.model.changes import SaveFactorChallenge, SpendFactorChallenge
from jitney.model.factor import Asked, ChallengeFor, FactorChallenge
from jitney.storage.codec import Codec
from jitney.storage.factor_tables import IS_MAILED
from jitney.storage.factor_tables import factor_challenges as _t
from jitney.storage.vault import Place, Vault

_ASKED: Codec[Asked] = Codec(Asked)

_PLACE = ("bound_to", "wanted_for", "kind")
_IS_PLACE = tuple(_t.c[name] == bindparam(name) for name in _PLACE)
FIND = Statement("find_factor_challenge", select(_t).where(*_IS_PLACE))
COUNT_SENT = Statement(
    "count_codes_sent",
    select(func.count()).where(
        sql_text(f"factor_challenges.{IS_MAILED}"), _t.c.created >= bindparam("since")
    ),
)
_ADD = Statement("add_factor_challenge", insert(_t))
_SAVE = Statement(
    "save_factor_challenge",
    update(_t)
    .where(*_IS_PLACE, _t.c.version == bindparam("version") - 1)
    .values({column.name: bindparam(column.name) for column in _t.c if column.name not in _PLACE}),
)
_SPEND = Statement(
    "spend_factor_challenge", delete(_t).where(*_IS_PLACE, _t.c.version == bindparam("version"))
)


def factor_challenge(row: Row, vault: Vault) -> FactorChallenge:
    """Return the challenge of a row; raises ``Misconfigured`` where it does not open."""
    place = _asked(row["bound_to"], row["wanted_for"], row["kind"])
    return FactorChallenge(
        bound_to=row["bound_to"],
        user_id=row["user_id"],
        wanted_for=ChallengeFor(row["wanted_for"]),
        asked=_ASKED.decode(vault.open(place, row["asked"]).decode()),
        created=from_micros(int(row["created"])),
        expires=from_micros(int(row["expires"])),
        version=row["version"],
    )


@dataclass(frozen=True, slots=True)
class FactorChallengeWrites:
    """Renders the changes of challenges; needs the vault for what is asked."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {SaveFactorChallenge: self._save, SpendFactorChallenge: _spend}

    def _save(self, change: SaveFactorChallenge) -> list[Write]:
        """Insert the first of a place, and replace a later one; of many at once with one version one is kept."""
        row = _row(change.challenge, self.vault)
        if change.challenge.version == 1:
            return [Write(_ADD, row)]
        return [Write(_SAVE, row, must=1, guard=change.guard)]


def _spend(change: SpendFactorChallenge) -> list[Write]:
    """Take the row away: whoever comes with the same answer at the same moment finds none (R-020)."""
    key = {
        "bound_to": change.bound_to,
        "wanted_for": change.wanted_for.value,
        "kind": change.kind.value,
        "version": change.version,
    }
    return [Write(_SPEND, key, must=1, guard=change.guard)]


def _asked(bound_to: str, wanted_for: str, kind: str) -> Place:
    return Place(_t.name, f"{bound_to} {wanted_for} {kind}", "asked")


def _row(challenge: FactorChallenge, vault: Vault) -> dict[str, Any]:
    place = _asked(challenge.bound_to, challenge.wanted_for.value, challenge.kind.value)
    return {
        "bound_to": challenge.bound_to,
        "wanted_for": challenge.wanted_for.value,
        "kind": challenge.kind.value,
        "user_id": challenge.user_id,
        "asked": vault.seal_text(place, _ASKED.encode(challenge.asked)),
        "created": to_micros(challenge.created),
        "expires": to_micros(challenge.expires),
        "version": challenge.version,
    }
