"""The desk: makes the pages of the console, each with who is signed in, what they may, and tokens for its forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import structlog
from starlette.requests import Request
from starlette.responses import Response

from jitney.administration.operator import Right
from jitney.errors import JitneyError
from jitney.model.myself import Myself
from jitney.ports import Clock, Entropy
from jitney.web.console.doorways import Fields, Visit
from jitney.web.console.notices import NOTICES
from jitney.web.console.sealed_searches import SealedSearches
from jitney.web.console.slips import slip_for
from jitney.web.kit.cookies import Cookies
from jitney.web.kit.csrf import form_token
from jitney.web.kit.error_pages import STATUS
from jitney.web.kit.render import Pages, redirect

log = structlog.get_logger("jitney.console")

SECTIONS: Final[Sequence[tuple[str, str, str]]] = (
    ("overview", "Overview", "/console"),
    ("identity-providers", "Identity providers", "/console/identity-providers"),
    ("people", "People", "/console/people"),
    ("applications", "Applications", "/console/applications"),
    ("user-stores", "User stores", "/console/user-stores"),
    ("purposes", "Purposes", "/console/purposes"),
    ("roles", "Roles", "/console/roles"),
    ("outcomes", "Sign-ins", "/console/outcomes"),
    ("audit", "Audit log", "/console/audit"),
    ("look", "Look", "/console/look"),
    ("operators", "Operators", "/console/operators"),
)
"""The sections: the name that pages call themselves by, the title, the address."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Makes pages; ``pages`` know no theme, so that no look can take the console away from operators.

    ``key`` is the server's own, by which its forms are known again, and with which searches are sealed.
    """

    pages: Pages
    cookies: Cookies
    clock: Clock
    entropy: Entropy
    key: bytes = field(repr=False)
    product_name: str = "Jitney"

    def now(self) -> datetime:
        """Return the time."""
        return self.clock.now()

    @property
    def searches(self) -> SealedSearches:
        """Return what seals searches, so that nothing that is typed stands in an address."""
        return SealedSearches(self.key, self.entropy)

    def page(self, visit: Visit, template: str, *, title: str, section: str, **values: object) -> Response:
        """Return a page of a section; ``values`` are for its template."""
        known: Mapping[str, object] = {
            **self._around(visit, title=title, section=section),
            "typed": visit.typed if visit.typed is not None else {},
            "problems": visit.problems,
            "problem": visit.problem,
            "is_refused": visit.status != 200,
            "notice": NOTICES.get(visit.query.get("done", "")) if visit.http.method == "GET" else None,
        }
        return self.pages.page(visit.http, template, status=visit.status, **{**known, **values})

    def done(self, path: str, code: str) -> Response:
        """Lead on to a page of ours after something was done; ``code`` is one of ``NOTICES``."""
        return redirect(f"{path}{'&' if '?' in path else '?'}done={code}")

    def conflict(
        self,
        visit: Visit,
        *,
        title: str,
        rows: Sequence[tuple[str, str, str]],
        action: str,
        fields: Fields,
        back: str,
        choices: Sequence[object] = (),
    ) -> Response:
        """Show both versions of what two operators changed: label, this operator's value, the present one.

        ``choices`` are the fields of which one value is chosen (``versions.Choosing``).
        ``fields`` carry this operator's values and which version stood beside them; posted to ``action`` they are
        saved as was chosen. Without any, all of this operator's waits at ``action``, and one button saves it.
        ``back`` is the page of the record as it is now.
        """
        page = self.page(
            visit,
            "console/conflict.html",
            title=title,
            section=back.removeprefix("/console/").partition("/")[0],
            rows=rows,
            choices=choices,
            action=action,
            fields=fields,
            back=back,
        )
        page.status_code = 409
        page.headers["jitney-reason"] = "changed_meanwhile"
        return page

    def confirm(
        self,
        visit: Visit,
        *,
        title: str,
        section: str,
        sentences: Sequence[str],
        action: str,
        button: str,
        back: str,
        lines: Sequence[tuple[str, str]] = (),
        fields: Fields | None = None,
        danger: bool = True,
    ) -> Response:
        """Say what will happen, with the one button that does it."""
        return self.page(
            visit, "console/confirm.html", title=title, section=section, sentences=sentences, lines=lines,
            action=action, button=button, fields=fields or {}, back=back, danger=danger,
        )  # fmt: skip

    def shown_once(
        self,
        visit: Visit,
        *,
        title: str,
        section: str,
        sentences: Sequence[str],
        values: Sequence[tuple[str, str]],
        back: str,
    ) -> Response:
        """Show a secret that is never shown again; it stands in no address and in no cache."""
        return self.page(
            visit,
            "console/shown_once.html",
            title=title,
            section=section,
            sentences=sentences,
            shown=values,
            back=back,
        )

    def stranger(self, http: Request, me: Myself) -> Response:
        """Tell somebody who is signed in that they are no operator, and nothing about the address."""
        browser = self.cookies.need_browser(http)
        token = form_token(self.cookies.form_secret(http, browser), "/console/again")
        page = self.pages.page(
            http, "console/stranger.html", status=403, name=str(me.user.username), again_token=token,
            product_name=self.product_name,
        )  # fmt: skip
        page.headers["jitney-reason"] = "operator_right_missing"
        return page

    def failed(self, visit: Visit, fault: JitneyError) -> Response:
        """Tell in the frame of the console what stands in the way of a page, with a reference for the log."""
        status, heading = STATUS[type(fault)]
        reference = fault.reference or self.entropy.reference()
        log.warning("refused", code=fault.code, reference=reference)
        page = self.page(
            replace(visit, status=status, problem=None, problems={}), "console/failed.html", title=heading,
            section="", fault=fault, reference=reference,
        )  # fmt: skip
        page.headers["jitney-reason"] = fault.code
        return page

    def note(self, fault: JitneyError, *, is_ours: bool = False) -> str:
        """Log that a form was not carried out, by its code alone: its details may name people (R-123).

        Returns what to tell about it; where it is a fault on our side, with a reference for the log.
        """
        if not is_ours:
            log.info("form_refused", code=fault.code)
            return fault.sentence
        reference = fault.reference or self.entropy.reference()
        log.warning("refused", code=fault.code, reference=reference)
        return f"{fault.sentence} The reference for the log is {reference}."

    def _around(self, visit: Visit, *, title: str, section: str) -> Mapping[str, object]:
        number, me = self.entropy.token(), visit.operator.id
        slip = slip_for(visit.http, self.cookies, operator_id=me, number=number, key=self.key)
        return {
            "title": title,
            "section": section,
            "sections": SECTIONS,
            "operator": visit.operator,
            "product_name": self.product_name,
            "slip": slip,
            "token": slip.token,
            "may": _Rights(visit),
            "moment": moment,
            "ago": _Ago(self.clock.now()),
        }


@dataclass(frozen=True, slots=True)
class _Rights:
    visit: Visit

    def __call__(self, right: str) -> bool:
        return self.visit.operator.may(Right(right))


@dataclass(frozen=True, slots=True)
class _Ago:
    now: datetime

    def __call__(self, at: datetime) -> str:
        """Return how long ago something was, in the largest fitting unit."""
        seconds = int((self.now - at).total_seconds())
        for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
            if abs(seconds) >= length:
                count = abs(seconds) // length
                words = f"{count} {unit}{'s' if count != 1 else ''}"
                return f"{words} ago" if seconds > 0 else f"in {words}"
        return "just now" if seconds >= 0 else "in a moment"


def moment(at: datetime) -> str:
    """Return a time as operators read it, to the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
