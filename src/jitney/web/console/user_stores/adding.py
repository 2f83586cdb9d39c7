"""Adding a user store: the kind, then its fields with what is usual, tried before anything is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from starlette.responses import Response

from jitney.errors import InvalidInput, NotAllowed
from jitney.model.diagnosis import Diagnosis
from jitney.model.user_store_record import UserStoreRecord
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.record_forms import Field, Kind, read_record, typed_of
from jitney.web.console.user_stores.kinds import KINDS, StoreKind
from jitney.web.console.user_stores.parts import parts_of
from jitney.web.console.user_stores.room import STORES, StoreRoom
from jitney.web.console.user_stores.rule_fields import DOMAIN

NEW = f"{STORES}/new"

FIRST: Final = frozenset(
    {
        "connection.url", "connection.tls", "connection.bind_dn", "connection.bind_password",
        "connection.user_base", "connection.password", "connection.owns_tables",
    }
)  # fmt: skip
"""The fields of a connection that nobody gets around; the others are as usual."""


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one title; a group that is not open has what is usual in every field."""

    title: str
    fields: tuple[Field, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class StoreAdding:
    """Adds stores."""

    room: StoreRoom

    async def show(self, visit: Visit) -> Response:
        """``GET /console/user-stores/new?type=ldap``; without a kind, the kinds."""
        return self._form(visit)

    async def add(self, visit: Visit, fields: Fields) -> Response:
        """``POST /console/user-stores/new``: try the store, and keep it where it can be used."""
        kind = _kind_in(fields)
        if kind is None:
            raise InvalidInput("form_invalid", "Choose the kind of the store first.")
        wanted = _read(kind, fields)
        again = replace(visit, typed=fields)
        if fields.get("do") == "test":
            return self._form(again, await self.room.stores.test_draft(visit.operator, wanted))
        try:
            saved = await self.room.stores.add(visit.operator, wanted, untested="untested" in fields)
        except NotAllowed as fault:
            diagnosis = fault.details.get("diagnosis")
            if not isinstance(diagnosis, Diagnosis):
                raise
            page = self._form(replace(again, problem=fault.sentence, status=403), diagnosis)
            page.headers["jitney-reason"] = fault.code
            return page
        return self.room.saved(visit, saved, "added")

    def _form(self, visit: Visit, diagnosis: Diagnosis | None = None) -> Response:
        kind = _kind_in(visit.typed if visit.typed is not None else visit.query)
        if kind is None:
            title = "Add a user store"
            return self.room.page(visit, "kinds", title=title, kinds=list(KINDS.values()), at=NEW)
        new = kind.new("")
        groups = _groups(new, visit.problems)
        usual = typed_of(new, fields_of_new(new))
        shown = visit if visit.typed is not None else replace(visit, typed=usual)
        return self.room.page(
            shown, "new", title=f"Add: {kind.name}", kind=kind, groups=groups, at=NEW, diagnosis=diagnosis
        )


def _kind_in(fields: Fields) -> StoreKind | None:
    return KINDS.get(fields.get("type", ""))


def fields_of_new(record: UserStoreRecord) -> list[Field]:
    """Return every field that the form for a new store has."""
    return [field for group in _groups(record, {}) for field in group.fields]


def _groups(record: UserStoreRecord, problems: Mapping[str, str]) -> list[Group]:
    """Return the fields of all parts; those stand open in which something must be said, or is wrong."""
    groups: list[tuple[str, tuple[Field, ...]]] = []
    for part in parts_of(record.connection):
        first = tuple(field for field in part.fields if field.path in FIRST)
        rest = tuple(field for field in part.fields if field.path not in FIRST)
        if part.word == "basic":
            groups.append((part.title, (DOMAIN, *rest)))
        elif first:
            groups += [(part.title, first), (f"{part.title}, in detail", rest)]
        else:
            groups.append((part.title, rest))
    usual = typed_of(record, [field for _, fields in groups for field in fields])
    return [
        Group(
            title,
            tuple(map(_unstored, fields)),
            any(_needs_a_look(field, usual, problems) for field in fields),
        )
        for title, fields in groups
    ]


def _unstored(field: Field) -> Field:
    """Return the field of a secret without a word about a stored one."""
    return replace(field, sentence="It is never shown again.") if field.kind is Kind.SECRET else field


def _needs_a_look(field: Field, usual: Mapping[str, str], problems: Mapping[str, str]) -> bool:
    return field.path in problems or field.path in FIRST or (field.required and not usual.get(field.path))


def _read(kind: StoreKind, fields: Fields) -> UserStoreRecord:
    new = kind.new("")
    record = read_record(new, fields_of_new(new), fields)
    domain = record.description.domain.upper()
    enabled = "disabled" not in fields
    return replace(record, description=replace(record.description, domain=domain, enabled=enabled))
