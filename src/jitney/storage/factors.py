"""Factors: what people have enrolled to prove themselves with, and their recovery codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from jitney.database.database import Database, Row
from jitney.database.moments import from_micros, to_micros
from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.model.changes import AddFactor, RemoveFactor, ReplaceRecoveryCodes, SpendRecoveryCode, UseFactor
from jitney.model.factor import ChallengeFor, Factor, FactorChallenge, FactorKind, Means
from jitney.model.secret_hash import hash_secret
from jitney.storage import factor_challenges
from jitney.storage.codec import Codec
from jitney.storage.factor_tables import factors as _t
from jitney.storage.factor_tables import recovery_codes as _codes
from jitney.storage.vault import Place, Vault

MOST_FACTORS = 100
"""How many factors of one person are listed at most (R-151); far more than anybody may enrol."""

_MEANS: Codec[Means] = Codec(Means)

_IS_THIS = _t.c.id == bindparam("id")
_OF_USER = Statement(
    "factors_of_user",
    select(_t)
    .where(_t.c.user_id == bindparam("user_id"))
    .order_by(_t.c.created, _t.c.id)
    .limit(MOST_FACTORS),
)
_ADD = Statement("add_factor", insert(_t))
_USED = {"counter": bindparam("counter"), "last_used": bindparam("at")}
_USE = Statement("use_factor", update(_t).where(_IS_THIS, _t.c.counter < bindparam("counter")).values(_USED))
_USE_AGAIN = Statement(
    "use_factor_that_may_stay", update(_t).where(_IS_THIS, _t.c.counter <= bindparam("counter")).values(_USED)
)
_REMOVE = Statement("remove_factor", delete(_t).where(_IS_THIS, _t.c.user_id == bindparam("user_id")))

_CODES_OF_USER = _codes.c.user_id == bindparam("user_id")
_COUNT_CODES = Statement("count_recovery_codes", select(func.count()).where(_CODES_OF_USER))
_FORGET_CODES = Statement("forget_recovery_codes", delete(_codes).where(_CODES_OF_USER))
_ADD_CODE = Statement("add_recovery_code", insert(_codes))
_IS_CODE = (_CODES_OF_USER, _codes.c.hash == bindparam("hash"))
_FIND_CODE = Statement("find_recovery_code", select(_codes.c.hash).where(*_IS_CODE))
_SPEND_CODE = Statement("spend_recovery_code", delete(_codes).where(*_IS_CODE))

LOOK_UPS = (_OF_USER, _COUNT_CODES, _FIND_CODE)
"""What is asked on the way of a sign-in."""


class SQLFactors:
    """Finds second factors, and what people were asked to answer with them."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def of_user(self, user_id: str) -> Sequence[Factor]:
        """List the factors of a user, the oldest first; raises ``Misconfigured`` where one does not open."""
        rows = await self._database.fetch(_OF_USER, user_id=user_id)
        return [_factor(row, self._vault) for row in rows]

    async def count_recovery_codes(self, user_id: str) -> int:
        """Count the recovery codes of a user that are not spent."""
        row = await self._database.fetch_one(_COUNT_CODES, user_id=user_id)
        return 0 if row is None else int(row[0])

    async def has_recovery_code(self, user_id: str, hash: str) -> bool:
        """Say whether a user has a recovery code of this hash that is not spent."""
        return await self._database.fetch_one(_FIND_CODE, user_id=user_id, hash=hash) is not None

    async def find_challenge(
        self, bound_to: str, wanted_for: ChallengeFor, kind: FactorKind
    ) -> FactorChallenge | None:
        """Find the challenge of this place, expired or not; raises ``Misconfigured`` where it does not open."""
        place = {"bound_to": bound_to, "wanted_for": wanted_for.value, "kind": kind.value}
        row = await self._database.fetch_one(factor_challenges.FIND, **place)
        return None if row is None else factor_challenges.factor_challenge(row, self._vault)

    async def count_codes_sent(self, since: datetime) -> int:
        """Count the codes that were mailed to anybody since then and not replaced."""
        row = await self._database.fetch_one(factor_challenges.COUNT_SENT, since=to_micros(since))
        return 0 if row is None else int(row[0])


def _use(change: UseFactor) -> list[Write]:
    """Move the counter on.

    The attack: somebody reads a code over a shoulder and sends it at the same moment as its owner (R-095).
    Its time step is the counter, and of two who come with one only the first finds a smaller one.
    """
    row = {"id": change.id, "counter": change.counter, "at": to_micros(change.at)}
    return [Write(_USE_AGAIN if change.may_stay else _USE, row, must=1, guard=change.guard)]


def _remove(change: RemoveFactor) -> list[Write]:
    return [Write(_REMOVE, {"id": change.id, "user_id": change.user_id}, must=1, guard=change.guard)]


def _replace_codes(change: ReplaceRecoveryCodes) -> list[Write]:
    rows = [
        {"user_id": change.user_id, "hash": each, "created": to_micros(change.at)}
        for each in dict.fromkeys(change.hashes)
    ]
    forget = Write(_FORGET_CODES, {"user_id": change.user_id})
    return [forget, *(Write(_ADD_CODE, row, ordered=True) for row in rows)]


def _spend_code(change: SpendRecoveryCode) -> list[Write]:
    """Take the row away: of many who come with one code at once, one finds it (R-101)."""
    key = {"user_id": change.user_id, "hash": change.hash}
    return [Write(_SPEND_CODE, key, must=1, guard=change.guard)]


@dataclass(frozen=True, slots=True)
class FactorWrites:
    """Renders the changes of second factors; needs the vault for what they are made of."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {
            AddFactor: self._add,
            UseFactor: _use,
            RemoveFactor: _remove,
            ReplaceRecoveryCodes: _replace_codes,
            SpendRecoveryCode: _spend_code,
        }

    def _add(self, change: AddFactor) -> list[Write]:
        return [Write(_ADD, _row(change.factor, self.vault))]


def _means(id: str, user_id: str) -> Place:
    """Return where the means of a factor rest.

    The attack: somebody who can write to the database gives a factor of their own to somebody else, and proves that
    person with it. The user is part of the seal, so it opens for nobody but its owner.
    """
    return Place(_t.name, f"{id} {user_id}", "means")


def _row(factor: Factor, vault: Vault) -> dict[str, Any]:
    """Return the columns; the slot is hashed, since the id of a passkey is of any length."""
    return {
        "id": factor.id,
        "user_id": factor.user_id,
        "slot": hash_secret(factor.slot),
        "kind": factor.kind.value,
        "means": vault.seal_text(_means(factor.id, factor.user_id), _MEANS.encode(factor.means)),
        "label": factor.label,
        "counter": factor.counter,
        "created": to_micros(factor.created),
        "last_used": to_micros(factor.last_used),
    }


def _factor(row: Row, vault: Vault) -> Factor:
    means = vault.open(_means(row["id"], row["user_id"]), row["means"])
    return Factor(
        id=row["id"],
        user_id=row["user_id"],
        means=_MEANS.decode(means.decode()),
        created=from_micros(int(row["created"])),
        label=row["label"],
        counter=int(row["counter"]),
        last_used=from_micros(row["last_used"]),
    )
