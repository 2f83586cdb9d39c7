"""Kept forms: what operators had typed when their session ended, until they are signed in again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from jitney.database.database import Database
from jitney.database.moments import from_micros, to_micros
from jitney.database.rendering import Render
from jitney.database.statements import Statement, Write
from jitney.model.changes import KeepForm
from jitney.model.kept_form import MOST_KEPT_FORMS, KeptForm
from jitney.storage.codec import Codec
from jitney.storage.console_tables import kept_forms as _t
from jitney.storage.vault import Place, Vault

_FIELDS: Codec[Mapping[str, str]] = Codec(Mapping[str, str])

_VALUES = {column.name: bindparam(column.name) for column in _t.c}
_NEW = {name: value for name, value in _VALUES.items() if name != "key_hash"}
_FIND = Statement("find_kept_form", select(_t).where(_t.c.key_hash == bindparam("key_hash")))
_KEEP = Statement(
    "keep_form",
    sqlite.insert(_t).values(_VALUES).on_conflict_do_update(index_elements=["key_hash"], set_=_NEW),
    postgresql=postgresql.insert(_t)
    .values(_VALUES)
    .on_conflict_do_update(index_elements=["key_hash"], set_=_NEW),
)

_OTHERS = (_t.c.bound_to == bindparam("bound_to"), _t.c.key_hash != bindparam("key_hash"))
_NEWEST = select(_t.c.key_hash).where(*_OTHERS).order_by(_t.c.created.desc(), _t.c.key_hash.desc())
_MAKE_ROOM = Statement(
    "make_room_for_kept_form",
    delete(_t).where(*_OTHERS, _t.c.key_hash.not_in(_NEWEST.limit(MOST_KEPT_FORMS - 1))),
)


class SQLKeptForms:
    """Finds kept forms."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def find(self, key_hash: str) -> KeptForm | None:
        """Find a form, expired or not; raises ``Misconfigured`` where it does not open."""
        row = await self._database.fetch_one(_FIND, key_hash=key_hash)
        if row is None:
            return None
        place = _fields(row["key_hash"], row["bound_to"], row["path"])
        return KeptForm(
            key_hash=row["key_hash"],
            bound_to=row["bound_to"],
            path=row["path"],
            fields=_FIELDS.decode(self._vault.open(place, row["fields"]).decode()),
            created=from_micros(int(row["created"])),
            expires=from_micros(int(row["expires"])),
        )


@dataclass(frozen=True, slots=True)
class KeptFormWrites:
    """Renders the changes of kept forms; needs the vault for what was typed."""

    vault: Vault

    def renders(self) -> Mapping[type[Any], Render]:
        """Return the table of changes."""
        return {KeepForm: self._keep}

    def _keep(self, change: KeepForm) -> list[Write]:
        form = change.form
        place = _fields(form.key_hash, form.bound_to, form.path)
        row = {
            "key_hash": form.key_hash,
            "bound_to": form.bound_to,
            "path": form.path,
            "fields": self.vault.seal_text(place, _FIELDS.encode(form.fields)),
            "created": to_micros(form.created),
            "expires": to_micros(form.expires),
        }
        room = {"bound_to": form.bound_to, "key_hash": form.key_hash}
        return [Write(_KEEP, row), Write(_MAKE_ROOM, room)]


def _fields(key_hash: str, bound_to: str, path: str) -> Place:
    """Return where the fields of a form rest.

    The attack: somebody who can write to the database makes the form of another operator their own, or lets it
    stand on a page that shows what was typed as a secret.
    Whose it is and where it stands are part of the seal, so it opens nowhere else.
    """
    return Place(_t.name, f"{key_hash} {bound_to} {path}", "fields")
