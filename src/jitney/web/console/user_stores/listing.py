"""The list of user stores, and the overview of one with its trials and switches."""

from dataclasses import dataclass, replace

from starlette.responses import Response

from jitney.administration.stores.user_stores import DescribedUserStore
from jitney.model.diagnosis import Diagnosis
from jitney.model.user import PRIMARY
from jitney.web.console.asking_first import asked_first
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.record_forms import Field, typed_of
from jitney.web.console.user_stores.kinds import kind_name
from jitney.web.console.user_stores.parts import parts_of
from jitney.web.console.user_stores.room import (
    STORES,
    StoreRoom,
    is_primary,
    place,
    rules_told,
    tabs,
)
from jitney.web.console.user_stores.trying import TRY, canonical_told, texts_in, verdicts


@dataclass(frozen=True, slots=True)
class StoreListing:
    """Shows the stores, tries them, and switches them on and off."""

    room: StoreRoom

    async def list(self, visit: Visit) -> Response:
        """``GET /console/user-stores``."""
        room = self.room
        primary = await room.rules.describe(visit.operator, PRIMARY)
        rows = [self._row(one) for one in await room.stores.list(visit.operator)]
        return room.page(visit, "list", title="User stores", primary=primary, rows=rows, new=f"{STORES}/new")

    async def show(self, visit: Visit) -> Response:
        """``GET /console/user-stores/{domain}``."""
        return await self._show(visit)

    async def try_rules(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/try``: say what the rules of the store make of what was typed."""
        domain = visit.place("domain")
        tried = await self.room.rules.try_kept(visit.operator, domain, texts_in(fields))
        again = replace(visit, typed=fields)
        return await self._show(again, tried=verdicts(tried), canonical=canonical_told(tried))

    async def test(self, visit: Visit, _fields: Fields) -> Response:
        """``POST …/test``: try to reach the store as it is kept."""
        diagnosis = await self.room.stores.test(visit.operator, visit.place("domain"))
        return await self._show(visit, diagnosis=diagnosis)

    async def enable(self, visit: Visit, _fields: Fields) -> Response:
        """``POST …/enable``."""
        saved = await self.room.stores.enable(visit.operator, visit.place("domain"))
        return self.room.saved(visit, saved, "enabled")

    async def disable(self, visit: Visit, fields: Fields) -> Response:
        """``POST …/disable``: whoever operates and would be shut out is named first.

        The page that is shown then names the providers that place people there.
        """
        domain = visit.place("domain")
        closed = await self.room.stores.shut_out_by(visit.operator, domain)
        what, at = f"Switch off {domain}", place(domain)
        if asked := asked_first(
            self.room.desk, visit, fields, closed, what=what, section="user-stores", at=at
        ):
            return asked
        saved = await self.room.stores.disable(visit.operator, domain)
        return self.room.saved(visit, saved, "disabled")

    async def _show(self, visit: Visit, *, diagnosis: Diagnosis | None = None, **tried: object) -> Response:
        domain = visit.place("domain")
        box = {"box": TRY, "tried": [], "canonical": [], **tried}
        if is_primary(domain):
            primary = await self.room.rules.describe(visit.operator, PRIMARY)
            rules = rules_told(primary)
            return self.room.page(
                visit, "primary", title=PRIMARY, rules=rules, store=primary, at=place(PRIMARY), **box
            )
        described = await self.room.stores.describe(visit.operator, domain)
        store = described.record.description
        return self.room.page(
            visit, "show", title=store.domain, described=described, store=store, at=place(store.domain),
            kind=kind_name(described.record.connection), rules=rules_told(store),
            tabs=tabs(store.domain, described.record.connection, ""),
            facts=_facts(described), diagnosis=diagnosis, **box,
        )  # fmt: skip

    def _row(self, described: DescribedUserStore) -> dict[str, object]:
        record = described.record
        return {
            "store": record.description,
            "kind": kind_name(record.connection),
            "at": place(record.description.domain),
            "accounts": described.accounts,
            "placing": described.identity_providers,
        }


def _facts(described: DescribedUserStore) -> list[tuple[str, str]]:
    """Return the fields of the connection that say something, without any secret."""
    record = described.record
    fields = [
        field for part in parts_of(record.connection) if part.word == "connection" for field in part.fields
    ]
    typed = typed_of(record, fields)
    told = [(field.label, _label(field, typed[field.path])) for field in fields if typed.get(field.path)]
    brief = [(label, text) for label, text in told if "\n" not in text]
    return [*brief, ("Password", "set" if described.has_secret else "not set")] if fields else []


def _label(field: Field, text: str) -> str:
    """Return how a value is called in its form."""
    return next((choice.label for choice in field.choices if choice.value == text), text)
