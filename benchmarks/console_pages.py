"""The console with many people in it: how long the server takes for each page, one page after the other.

An operator signs in once, and asks for every page many times on one connection, so that what is measured is the
server's time for one page and nobody's waiting; the time on loopback is part of it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx
from rich.console import Console
from tests.servers.page_reader import PageReader
from tests.servers.postgresql import PostgreSQLServer

from benchmarks import records, systems
from benchmarks.existing_sign_ins import fill_history, some_person
from benchmarks.existing_users import fill_up
from benchmarks.processes import Usage
from benchmarks.report import new_table
from benchmarks.run import DATABASES, Run, pid_of
from benchmarks.running_overview import Look, look_often

PEOPLE = 100_000
OUTCOMES = 300_000
"""How many sign-ins of the last 30 days are on record, each with an audit event."""

PROVIDERS = 200

ROUNDS, TIMES = 3, 20
"""How often all pages are gone through, and how often each is asked for in a round."""

PROMISED = 50
"""Milliseconds at p95."""

NAME, PASSWORD = "benchoperator", "a-password-for-the-bench"
SUBJECT = "member0050000"

_IDP = "/console/identity-providers"
_SIGN_INS = "/console/outcomes"
_AUDIT = "/console/audit"

PAGES: Mapping[str, str] = {
    "overview": "/console",
    "overview, 30 days": "/console?span=month",
    "identity providers": _IDP,
    "identity providers, by name": f"{_IDP}?q=customer-17",
    "an identity provider": f"{_IDP}/acme",
    "an identity provider, its provisioning": f"{_IDP}/acme/provisioning",
    "an identity provider, rehearse": f"{_IDP}/acme/rehearse",
    "an identity provider, its removal": f"{_IDP}/acme/delete",
    "people": "/console/people",
    "people, by provider": "/console/people?idp=acme",
    "a person": "/console/people/{user}",
    "applications": "/console/applications",
    "user stores": "/console/user-stores",
    "purposes": "/console/purposes",
    "roles": "/console/roles",
    "sign-ins": _SIGN_INS,
    "sign-ins, refused": f"{_SIGN_INS}?result=refused",
    "sign-ins, by provider and reason": f"{_SIGN_INS}?provider=acme&reason=user_locked",
    "sign-ins, by a rare reason": f"{_SIGN_INS}?provider=acme&reason=consent_refused",
    "sign-ins, by application, refused": f"{_SIGN_INS}?application=bench&result=refused",
    "sign-ins, by an application of few": f"{_SIGN_INS}?application=bench-changing",
    "a sign-in": f"{_SIGN_INS}/B015-0000",
    "audit log": _AUDIT,
    "audit log, by action": f"{_AUDIT}?action=identity_provider.added",
    "look": "/console/look",
    "operators": "/console/operators",
}
"""What is measured: what operators open every day."""

SEARCHES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "people, by name": ("/console/people", {"q": "member00500"}),
    "people, by e-mail address": ("/console/people", {"q": "somebody@acme.example member0050000"}),
    "people, by subject and provider": ("/console/people", {"q": SUBJECT, "idp": "acme"}),
    "sign-ins, of a person": (_SIGN_INS, {"q": "{user}"}),
    "sign-ins, by subject and provider": (_SIGN_INS, {"subject": SUBJECT, "provider": "acme"}),
    "audit log, of a person": (_AUDIT, {"target": "{user}"}),
    "audit log, by whom and what": (
        _AUDIT, {"actor_kind": "idp", "actor": "acme", "action": "sign_in.refused"},
    ),
}  # fmt: skip
"""And what they look for: the page, and what they type; what is measured is the page of the answer."""


@dataclass(slots=True)
class PageTimes:
    """The times of one page in milliseconds, the CPU seconds of server and database, and the octets of its HTML."""

    name: str
    octets: int = 0
    cpu: float = 0.0
    times: list[float] = field(default_factory=list[float])

    @property
    def cpu_ms(self) -> float:
        """Return the CPU milliseconds of server and database for each."""
        return self.cpu * 1000 / len(self.times)

    def percentile(self, percent: int) -> float:
        """Return the time below which so many of them are."""
        return sorted(self.times)[min(len(self.times) - 1, len(self.times) * percent // 100)]


@dataclass(frozen=True, slots=True)
class ConsoleTimes:
    """The pages, and what the overview does where nothing of the last minute is remembered."""

    pages: Sequence[PageTimes]
    looks: Sequence[Look]


def measure_console(run: Run, postgresql: PostgreSQLServer | None) -> ConsoleTimes:
    """Measure every page, each many times in turn."""
    url, _ = run.urls(postgresql)
    idp = records.prepare(run.place, url)
    records.add_console(run.place, url, NAME, PASSWORD, customers=PROVIDERS)
    fill_up(url, idp, present=0, wanted=PEOPLE)
    fill_history(url, idp, count=OUTCOMES, people=PEOPLE)
    user = some_person(url, SUBJECT)
    with (
        systems.jitney(run.place, url, 1) as server,
        httpx.Client(
            base_url=run.place.address, follow_redirects=True, trust_env=False, timeout=60
        ) as browser,
    ):
        _sign_in(browser)
        parts = [server.usage] if postgresql is None else [server.usage, Usage(pid_of(postgresql))]
        pages = _measure(browser, parts, _addresses(browser, user))
    return ConsoleTimes(pages, records.in_house(run.place, url, look_often))


def print_console(console: Console, database: str, seen: ConsoleTimes) -> None:
    """Print a row for each page, and whether all are within what is promised."""
    filled = f"{PEOPLE:,} people, {OUTCOMES:,} sign-ins in 30 days, {PROVIDERS:,} identity providers"
    table = new_table(f"Pages of the console, {DATABASES[database]}: {filled}", "page")
    for name in ("p50 ms", "p95 ms", "longest ms", "CPU ms", "kB of HTML"):
        table.add_column(name, justify="right")
    for page in seen.pages:
        times = (page.percentile(50), page.percentile(95), max(page.times), page.cpu_ms)
        table.add_row(page.name, *(f"{each:.1f}" for each in times), f"{page.octets / 1000:.1f}")
    console.print(table)
    table = new_table("What the overview asks where nothing of the last minute is remembered", "asked for")
    for name in ("in a new process, ms", "later, p50 ms", "later, longest ms"):
        table.add_column(name, justify="right")
    for look in seen.looks:
        table.add_row(look.name, f"{look.first:.1f}", f"{look.usual:.1f}", f"{look.longest:.1f}")
    console.print(table)
    slowest = max(seen.pages, key=lambda page: page.percentile(95))
    console.print(
        f"The slowest at p95: {slowest.name}, {slowest.percentile(95):.1f} ms; promised: below {PROMISED} ms."
    )


def _addresses(browser: httpx.Client, user: str) -> Mapping[str, str]:
    """Return the address of every page; that of an answer holds its search sealed."""
    addresses = {name: path.format(user=user) for name, path in PAGES.items()}
    for name, (path, typed) in SEARCHES.items():
        addresses[name] = _find(browser, path, {key: text.format(user=user) for key, text in typed.items()})
    return addresses


def _find(browser: httpx.Client, path: str, typed: Mapping[str, str]) -> str:
    page = browser.get(path)
    reader = PageReader(str(page.url))
    reader.feed(page.text)
    form = next(form for form in reader.forms if form.action.endswith("/search"))
    answer = browser.post(form.action, data={**form.fields, **typed})
    answer.raise_for_status()
    return str(answer.url)


def _sign_in(browser: httpx.Client) -> None:
    page = browser.get("/console")
    reader = PageReader(str(page.url))
    reader.feed(page.text)
    form = next(form for form in reader.forms if "password" in form.fields)
    filled = {**form.fields, "username": NAME, "password": PASSWORD}
    page = browser.post(form.action, data=filled)
    page.raise_for_status()


def _measure(browser: httpx.Client, parts: Sequence[Usage], pages: Mapping[str, str]) -> Sequence[PageTimes]:
    seen = [PageTimes(name) for name in pages]
    for path, page in zip(pages.values(), seen, strict=True):
        first = browser.get(path)
        first.raise_for_status()
        page.octets = len(first.content)
    for _ in range(ROUNDS):
        for path, page in zip(pages.values(), seen, strict=True):
            before = _cpu(parts)
            for _ in range(TIMES):
                begun = time.perf_counter()
                browser.get(path)
                page.times.append((time.perf_counter() - begun) * 1000)
            page.cpu += _cpu(parts) - before
    return seen


def _cpu(parts: Sequence[Usage]) -> float:
    return sum(part.cpu_seconds() for part in parts)
