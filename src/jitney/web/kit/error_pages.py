"""Turns every fault into a page: what happened, what to do next, and a reference for the help desk."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from starlette.responses import Response

from jitney.errors import (
    Conflict,
    Expired,
    InvalidInput,
    JitneyError,
    Locked,
    Misconfigured,
    NotAllowed,
    NotFound,
    Overloaded,
    UpstreamRejected,
    UpstreamUnavailable,
    UserStoreRejected,
    UserStoreUnavailable,
)
from jitney.model.outcome import Outcome
from jitney.ports import Entropy
from jitney.web.kit.render import Pages

log = structlog.get_logger("jitney.web")

STATUS: dict[type[JitneyError], tuple[int, str]] = {
    InvalidInput: (400, "That request cannot be understood"),
    NotFound: (404, "There is no such page"),
    Conflict: (409, "Somebody else was quicker"),
    NotAllowed: (403, "That is not allowed"),
    Locked: (403, "This account cannot sign in now"),
    Expired: (400, "This is not valid any more"),
    UpstreamRejected: (400, "The sign-in did not succeed"),
    UpstreamUnavailable: (502, "Your identity provider does not answer"),
    UserStoreRejected: (400, "The sign-in did not succeed"),
    UserStoreUnavailable: (503, "Something that we need does not answer"),
    Overloaded: (503, "Too busy at the moment"),
    Misconfigured: (500, "Something is not set up as it should be"),
}
"""Fault → status and heading; every leaf of the tree in ``errors.py`` stands here."""


@dataclass(frozen=True, slots=True)
class ErrorPages:
    """Makes error pages and the log line that belongs to each, under one reference id."""

    pages: Pages
    entropy: Entropy

    def of_fault(self, fault: JitneyError) -> Response:
        """Return the page of a fault that we can name; its details go to the log alone."""
        reference = fault.reference or self.entropy.reference()
        status, heading = STATUS[type(fault)]
        log.warning("refused", code=fault.code, reference=reference, **_bounded(fault))
        return self._page(status, heading, fault.sentence, reference, fault.code)

    def of_refusal(self, outcome: Outcome, sentence: str, *, again: Mapping[str, str] | None) -> Response:
        """Return the page of a sign-in that was refused; the stored outcome has the whole reasoning."""
        log.warning("sign_in_refused", code=outcome.code, reference=outcome.reference)
        return self._page(
            403, "The sign-in did not succeed", sentence, outcome.reference, outcome.code, again
        )

    def of_bug(self, bug: BaseException) -> Response:
        """Return the page of everything else; the whole story is in the log."""
        reference = self.entropy.reference()
        log.error("bug", reference=reference, exc_info=bug)
        sentence = "Something went wrong on our side. Please try again in a few minutes."
        return self._page(500, "Something went wrong", sentence, reference, "internal_error")

    def _page(
        self,
        status: int,
        heading: str,
        sentence: str,
        reference: str,
        code: str,
        again: Mapping[str, str] | None = None,
    ) -> Response:
        page = self.pages.page(
            "error.html",
            status=status,
            heading=heading,
            sentence=sentence,
            reference=reference,
            again=again,
        )
        page.headers["jitney-reason"] = code
        if status == 503:
            page.headers["retry-after"] = "5"
        return page


def _bounded(fault: JitneyError) -> dict[str, str]:
    return {f"about_{name}": str(value)[:200] for name, value in fault.details.items()}
