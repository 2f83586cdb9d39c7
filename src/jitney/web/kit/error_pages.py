"""Turns every fault into a page: what happened, what to do next, and a reference for the help desk."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from jitney.errors import (
    Conflict,
    Expired,
    InvalidInput,
    JitneyError,
    Locked,
    MailUnavailable,
    Misconfigured,
    NotAllowed,
    NotFound,
    Overloaded,
    StoreUnanswered,
    UpstreamRejected,
    UpstreamUnavailable,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.outcome import Outcome
from jitney.ports import Entropy
from jitney.web.kit.render import Pages

log = structlog.get_logger("jitney.web")

_ = str
"""Marks a text of the catalogue; the template translates it."""

STATUS: dict[type[JitneyError], tuple[int, str]] = {
    InvalidInput: (400, _("That request cannot be understood")),
    NotFound: (404, _("There is no such page")),
    Conflict: (409, _("Somebody else was quicker")),
    NotAllowed: (403, _("That is not allowed")),
    Locked: (403, _("This account cannot sign in now")),
    Expired: (400, _("This is not valid any more")),
    UpstreamRejected: (400, _("The sign-in did not succeed")),
    UpstreamUnavailable: (502, _("Your identity provider does not answer")),
    UserStoreRejected: (400, _("The sign-in did not succeed")),
    UserStoreUnavailable: (503, _("Something that we need does not answer")),
    StoreUnanswered: (503, _("Something that we need does not answer")),
    MailUnavailable: (503, _("No e-mail can be sent now")),
    Overloaded: (503, _("Too busy at the moment")),
    Misconfigured: (500, _("Something is not set up as it should be")),
}
"""Fault → status and heading; every leaf of the tree in ``errors.py`` stands here."""


@dataclass(frozen=True, slots=True)
class _Notice:
    """What one page says."""

    status: int
    heading: str
    sentence: str
    reference: str
    code: str


@dataclass(frozen=True, slots=True)
class ErrorPages:
    """Makes error pages and the log line that belongs to each, under one reference id.

    ``plain`` are pages without any theme, for the console: what operators made of the pages never hides from them
    what is wrong.
    """

    pages: Pages
    entropy: Entropy
    plain: Pages | None = None

    def of_fault(self, http: Request | Scope, fault: JitneyError) -> Response:
        """Return the page of a fault that we can name; its details go to the log alone."""
        reference = fault.reference or self.entropy.reference()
        status, heading = STATUS[type(fault)]
        log.warning("refused", code=fault.code, reference=reference, **_bounded(fault))
        return self._page(http, _Notice(status, heading, fault.sentence, reference, fault.code))

    def of_refusal(
        self,
        http: Request | Scope,
        outcome: Outcome,
        sentence: str,
        *,
        again: Mapping[str, str] | None,
        ui_locales: str | None = None,
    ) -> Response:
        """Return the page of a sign-in that was refused; the stored outcome has the whole reasoning."""
        log.warning("sign_in_refused", code=outcome.code, reference=outcome.reference)
        notice = _Notice(
            403, _("The sign-in did not succeed"), sentence, outcome.reference, outcome.code
        )  # fmt: skip
        return self._page(http, notice, again=again, ui_locales=ui_locales)

    def of_bug(self, http: Request | Scope, bug: BaseException) -> Response:
        """Return the page of everything else; the whole story is in the log."""
        reference = self.entropy.reference()
        log.error("bug", reference=reference, exc_info=bug)
        sentence = "Something went wrong on our side. Please try again in a few minutes."
        return self._page(
            http, _Notice(500, _("Something went wrong"), sentence, reference, "internal_error")
        )

    def _page(
        self,
        http: Request | Scope,
        notice: _Notice,
        *,
        again: Mapping[str, str] | None = None,
        ui_locales: str | None = None,
    ) -> Response:
        pages = self.plain if self.plain is not None and _is_of_console(http) else self.pages
        page = pages.page(
            http,
            "error.html",
            status=notice.status,
            ui_locales=ui_locales,
            heading=notice.heading,
            sentence=notice.sentence,
            reference=notice.reference,
            again=again,
            is_own=_is_own(http),
        )
        page.headers["jitney-reason"] = notice.code
        if notice.status == 503:
            page.headers["retry-after"] = "5"
        return page


def _is_own(http: Request | Scope) -> bool:
    """Say whether a form of somebody's own account was refused, from which there is a way back."""
    return http["type"] == "http" and http["method"] == "POST" and http["path"].startswith("/account/")


def _is_of_console(http: Request | Scope) -> bool:
    return http["type"] == "http" and http["path"].startswith("/console")


def _bounded(fault: JitneyError) -> dict[str, str]:
    return {f"about_{name}": str(value)[:200] for name, value in fault.details.items()}
