"""The page of the second factor: how it looks at each of its turns, laid out for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from jitney.model.factor import FactorKind
from jitney.signin.factor_page import EmailOffer, FactorPage, PasskeyOffer, TOTPOffer
from jitney.web.kit.csrf import form_token
from jitney.web.kit.render import Pages
from jitney.web.pages.attribute_words import Say
from jitney.web.pages.factor_words import PROBLEMS, PROVING, SETTING_UP, WayWords, problem_sentence

SECRET_GROUP: Final = 4
"""How many letters of a secret stand together: as many as a person keeps in mind while typing."""


@dataclass(frozen=True, slots=True)
class WayRow:
    """A way as a person may choose it; ``action`` is what the button says to the page."""

    kind: str
    title: str
    hint: str
    action: str


@dataclass(frozen=True, slots=True)
class Scan:
    """An authenticator app's secret as the page shows it: a picture, groups of letters, a link for this device."""

    picture: Markup
    groups: tuple[str, ...]
    address: str


@dataclass(frozen=True, slots=True)
class FactorView:
    """Makes the pages of a journey that waits for its second factor."""

    pages: Pages

    def page(self, http: Request, shown: FactorPage, *, form_secret: str) -> Response:
        """Return the page as it stands now, 422 where the last answer would not do.

        ``form_secret`` is ``Cookies.form_secret``.
        """
        say = self.pages.language(http, ui_locales=shown.ui_locales).gettext
        return self.pages.page(
            http,
            "factor.html",
            status=422 if shown.problem else 200,
            scripts=True,
            ui_locales=shown.ui_locales,
            key=shown.key,
            form_token=form_token(form_secret, factor_purpose(shown.key)),
            **factor_values(shown, say, product=self.pages.theme.product_name),
        )


def factor_address(key: str, *, way: FactorKind | None = None) -> str:
    """Return where the page of the second factor is; ``way`` says what the person wants to do there."""
    return f"/sign-in/factor?{urlencode({'h': key} | ({'way': way.value} if way else {}))}"


def factor_purpose(key: str) -> str:
    """Name what the form tokens of the page are for (R-104)."""
    return f"factor {key}"


def factor_values(page: FactorPage, say: Say, *, product: str) -> dict[str, Any]:
    """Return what ``factor.html`` needs beside its key and form token; ``product`` is our name for people."""
    words = SETTING_UP if page.is_enrolling else PROVING
    return {
        "application": page.application,
        "account": page.account,
        "reference": page.reference,
        "is_enrolling": page.is_enrolling,
        "way": page.way.value if page.way else None,
        "words": _said(words[page.way], say) if page.way else None,
        "ways": tuple(_row(kind, page, words, say) for kind in _other_ways(page)),
        "problem": say(problem_sentence(page.problem, page.way)) if page.problem else None,
        "is_wrong": page.problem is not None and page.problem not in PROBLEMS,
        "scan": scan_of(page.offer) if isinstance(page.offer, TOTPOffer) else None,
        "masked": page.offer.masked if isinstance(page.offer, EmailOffer) else None,
        "passkey_options": page.offer.options if isinstance(page.offer, PasskeyOffer) else None,
        **codes_values(page.recovery_codes, heading=f"{product} · {page.account}"),
    }


def scan_of(offer: TOTPOffer) -> Scan:
    """Lay out a secret that is offered."""
    groups = [offer.secret[at : at + SECRET_GROUP] for at in range(0, len(offer.secret), SECRET_GROUP)]
    picture = Markup(offer.svg)  # noqa: S704  # drawn by factors/qr.py, which escapes the only text within
    return Scan(picture, tuple(groups), offer.uri)


def codes_values(codes: tuple[str, ...], *, heading: str) -> dict[str, Any]:
    """Lay out recovery codes, and as a file to keep; the file is in the page itself, so that nothing fetches it."""
    text = "\r\n".join((heading, "", *codes, ""))
    return {"recovery_codes": codes, "recovery_file": f"data:text/plain;charset=utf-8,{quote(text)}"}


def _other_ways(page: FactorPage) -> tuple[FactorKind, ...]:
    """Return the ways that are not open now, in the order in which the page names them."""
    recovery = (FactorKind.RECOVERY,) if page.has_recovery_codes else ()
    ways = (*page.usable, *recovery) if page.usable else page.enrollable
    return tuple(kind for kind in ways if kind is not page.way)


def _row(kind: FactorKind, page: FactorPage, words: Mapping[FactorKind, WayWords], say: Say) -> WayRow:
    said = _said(words[kind], say)
    asks_at_once = kind is FactorKind.EMAIL or (page.is_enrolling and kind is FactorKind.TOTP)
    return WayRow(kind.value, said.title, said.hint, "ask" if asks_at_once else "use-other-way")


def _said(words: WayWords, say: Say) -> WayWords:
    return WayWords(say(words.title), say(words.hint), say(words.heading), say(words.lead))
