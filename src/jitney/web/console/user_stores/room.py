"""What all pages about user stores share: their addresses, their tabs, and what is told after saving."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from jitney.administration.stores.rule_trial import RuleTrial
from jitney.administration.stores.user_stores import SavedUserStore, UserStoreAdministration
from jitney.model.user import PRIMARY
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import StoreConnection
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Visit
from jitney.web.console.user_stores.parts import parts_of
from jitney.web.console.warning_words import in_words

STORES = "/console/user-stores"


def place(domain: str, *further: str) -> str:
    """Return the address of a store, or of something about it."""
    return "/".join((STORES, quote(domain, safe=""), *further))


@dataclass(frozen=True, slots=True)
class StoreRoom:
    """The verbs of user stores, and the desk that makes their pages."""

    stores: UserStoreAdministration
    rules: RuleTrial
    desk: Desk

    def page(self, visit: Visit, template: str, *, title: str, **values: object) -> Response:
        """Return a page of this section."""
        return self.desk.page(
            visit, f"console/user_stores/{template}.html", title=title, section="user-stores", **values
        )

    def saved(self, visit: Visit, saved: SavedUserStore, code: str) -> Response:
        """Lead on after a store was saved; where there are warnings, they are read first."""
        back = place(saved.record.description.domain)
        if not saved.warnings:
            return self.desk.done(back, code)
        fields = [field for part in parts_of(saved.record.connection) for field in part.fields]
        warnings = in_words(saved.warnings, fields)
        title = saved.record.description.domain
        return self.page(visit, "saved", title=title, code=code, warnings=warnings, back=back)


def tabs(domain: str, connection: StoreConnection, current: str) -> list[tuple[str, str, bool]]:
    """Return the tabs of a store: its overview, and the parts in which it is edited."""
    parts = [(part.title, place(domain, part.word), part.word == current) for part in parts_of(connection)]
    return [("Overview", place(domain), current == ""), *parts]


def rules_told(description: UserStoreDescription) -> list[tuple[str, str, str]]:
    """Return the rules of a store: what is ruled, the pattern, and the sentence for who breaks it."""
    return [
        ("User names", description.username.pattern, description.username.message),
        ("Passwords", description.password.pattern, description.password.message),
        ("Role names", description.role.pattern, description.role.message),
    ]


def is_primary(domain: str) -> bool:
    """Say whether this is the store of the settings, which no operator changes here."""
    return domain.upper() == PRIMARY
