"""Every address of the console, from the list of its doorways: with something in each place, and with slips."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.servers.http_browser import Hop, HttpBrowser
from tests.web.console.console_house import ConsoleHouse
from tests.web.pages.pages_house import BASE, BROWSER_COOKIE, SESSION_COOKIE

from jitney.app.console import make_console
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway
from jitney.web.console.slips import TOKEN, WHO, Slip, who_token

OURS: Mapping[str, str] = {"origin": BASE, "sec-fetch-site": "same-origin"}
FOREIGN: Mapping[str, str] = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
ON_THE_WAY = ("sign_ins", "kept_forms", "outcomes", "audit_events", "spent_once", "logout_trips", "attempts")
"""What asking, refusing and keeping write, and what is no effect of a form."""

HOSTILE = (
    "nobody", "..;/", "%2f", "%2e%2e%2f", "a%2fb", "//", "a.", "A", "%00", "x" * 2000, "'", "%22%3E%3Cscript%3E",
    "%25", "%F0%9F%98%80", "%ff", ";x=1", "%0d%0aset-cookie:x", "{}", "-1", "0", "99999999999999999999",
)  # fmt: skip
"""What somebody may write in the place of an id; the lone octet is no UTF-8."""

_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Doorways:
    """The doorways of a console, and the records of its house that stand in their places."""

    all: list[Doorway]
    known: Mapping[tuple[str, str], str]

    @property
    def pages(self) -> list[ConsolePage]:
        """Those that show something."""
        return [one for one in self.all if isinstance(one, ConsolePage)]

    @property
    def forms(self) -> list[ConsoleForm]:
        """Those that do something."""
        return [one for one in self.all if isinstance(one, ConsoleForm)]

    def path(self, doorway: Doorway, value: str | None = None) -> str:
        """Return an address of a doorway: with this in every place, or with what there is in this house."""
        section = doorway.path.split("/")[2] if doorway.path.count("/") > 1 else ""

        def filled(place: re.Match[str]) -> str:
            return quote(self.known.get((section, place[1]), "nobody"), safe="") if value is None else value

        return _PLACE.sub(filled, doorway.path)

    def spellings(self, doorway: Doorway) -> Iterator[str]:
        """Return addresses that something on the way might take for this one (R-111)."""
        path = self.path(doorway)
        yield from (
            f"{path}/",
            f"{path}.",
            f"{path};x=1",
            f"{path}/..;/",
            f"/{path}",
            f"/x/..{path}",
            f"{path}%00",
        )
        yield from (path.upper(), path.title(), path.replace("/console", "/console/", 1))
        yield from (
            path.replace("/console/", one, 1) for one in ("/console%2f", "/console/%2e/", "/console/..;/")
        )
        yield path.replace("console", "c%6fnsole", 1)


def doorways_of(console: ConsoleHouse) -> Doorways:
    """Return every doorway of the console as the product opens it."""
    house: Any = console.house
    made = make_console(house.settings, house.doors, house.verbs, entrance=None, form_key=b"")  # type: ignore[arg-type]
    eve = console.people["eve"].id
    known = {
        ("identity-providers", "name"): "acme", ("identity-providers", "provider"): "acme",
        ("applications", "id"): "shop", ("people", "id"): eve, ("people", "user_id"): eve,
        ("operators", "user_id"): console.people["desk"].id, ("operators", "role"): "operator.helpdesk",
        ("roles", "name"): "staff", ("purposes", "name"): "Office", ("user-stores", "domain"): "PRIMARY",
    }  # fmt: skip
    return Doorways(made.doorways(), known)


def slip(
    console: ConsoleHouse, browser: HttpBrowser, path: str, who: str, *, number: str = "n"
) -> dict[str, str]:
    """Return the hidden fields that a page would put into a form for this address in this browser now."""
    cookies = browser.cookies[BASE]
    secret, session = cookies[BROWSER_COOKIE].value, cookies.get(SESSION_COOKIE)
    made = Slip(
        f"{secret} {session.value if session else ''}",
        number,
        who_token(secret, console.people[who].id, console.house.form_key),
    )
    return {TOKEN: made.token(path), WHO: made.who}


async def send(
    browser: HttpBrowser, path: str, fields: Mapping[str, str], headers: Mapping[str, str] = OURS
) -> Hop:
    """Post fields to an address of the console; no redirect is followed."""
    return await browser.request("POST", f"{BASE}{path}", form=fields, headers=headers)


async def effects(console: ConsoleHouse) -> dict[str, list[Any]]:
    """Return all that a form could have changed; that a session was used is no change."""
    return await console.pages.snapshot(*ON_THE_WAY, "sessions")


async def standing(console: ConsoleHouse) -> dict[str, list[Any]]:
    """Return the same, and which sessions there are; for where nobody signs in meanwhile."""
    kept = await console.pages.snapshot(*ON_THE_WAY)
    return {**kept, "sessions": [row[0] for row in kept["sessions"]]}
