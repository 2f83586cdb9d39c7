"""The pages that ask: what is shown, what is typed, and what was wrong with it, laid out for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from jitney.model.policy import PromptMode
from jitney.model.user_store import PASSWORD_PATTERN, PRIMARY_USERNAME_PATTERN, NamePattern
from jitney.provisioning.prompt_forms import AskedAttribute, AskedPurpose, Problem, PromptForm, ProofForm
from jitney.signin.journey import Shown
from jitney.web.kit.csrf import form_token
from jitney.web.kit.render import Pages
from jitney.web.pages.attribute_words import Say, label_of, values_of, words_of

FEW_TRIES = 5
"""From how few tries on the page says how many are left."""

SHIPPED_PATTERNS = frozenset({PRIMARY_USERNAME_PATTERN, PASSWORD_PATTERN})

_ = str
"""Marks a text of the catalogue."""

HEADINGS: Mapping[PromptMode, str] = {
    PromptMode.USERNAME_PASSWORD_AND_CONSENT: _("Create your account"),
    PromptMode.PASSWORD_AND_CONSENT: _("Choose a password"),
    PromptMode.CONSENT: _("Check your account"),
    PromptMode.SILENT: _("Check your account"),
}
"""Prompt mode → what the page is about."""


Place = tuple[str | None, str]
"""Where a problem is: the id of its field, and the field's label where the sentence does not name it."""

NOWHERE: Place = (None, "")

CREDENTIALS: Mapping[str, Place] = {
    "username": ("username", ""),
    "password": ("password", ""),
    "password_again": ("password-again", ""),
}
"""The fields of an account, whose problems say themselves what they are about."""


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as the summary on top of a page tells it."""

    id: str | None
    label: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Line:
    """What is stored, as people read it: a label and its values."""

    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A field for something that is missing."""

    id: str
    name: str
    label: str
    type: str
    autocomplete: str
    typed: str
    required: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class Box:
    """A box to tick; when it is, the version of its purpose is what the browser sends."""

    id: str
    name: str
    label: str
    version: int
    mandatory: bool
    values: tuple[str, ...]
    ticked: bool
    problem: str | None


@dataclass(frozen=True, slots=True)
class PurposeView:
    """A purpose in its words, with its boxes; ``field`` says in which version it was shown."""

    field: str
    version: int
    name: str
    description: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class PromptView:
    """Makes the pages of a journey that waits for its person."""

    pages: Pages

    def page(self, http: Request, key: str, shown: Shown, *, form_secret: str, status: int = 200) -> Response:
        """Return the page for a form as it stands now; ``form_secret`` is ``Cookies.form_secret``."""
        template, values = _laid_out(
            shown.form, self.pages.language(http, ui_locales=shown.ui_locales).gettext
        )
        return self.pages.page(
            http,
            template,
            status=status,
            scripts=True,
            ui_locales=shown.ui_locales,
            key=key,
            form_token=form_token(form_secret, prompt_purpose(key)),
            provider=shown.provider,
            application=shown.application,
            reference=shown.reference,
            tries_left=shown.tries_left if shown.tries_left <= FEW_TRIES else None,
            **values,
        )


def prompt_address(key: str, *, way: str | None = None) -> str:
    """Return where a page that asks is; ``way`` says what the person wants to do there instead."""
    return f"/sign-in/prompt?{urlencode({'h': key} | ({'way': way} if way else {}))}"


def prompt_purpose(key: str) -> str:
    """Name what the form tokens of a page that asks are for (R-104)."""
    return f"prompt {key}"


def script_pattern(rule: NamePattern, said: str | None) -> str:
    """Return the pattern that a script checks while somebody types, empty where it checks none; it decides nothing.

    It is what the operator ``said`` for JavaScript. Our own patterns mean the same in both dialects; one that
    somebody wrote for Java may not, and the page would call good names wrong.
    """
    return said or (rule.pattern if rule.pattern in SHIPPED_PATTERNS else "")


def _laid_out(form: PromptForm | ProofForm | None, say: Say) -> tuple[str, dict[str, Any]]:
    """Return the template of a form and what it needs."""
    match form:
        case PromptForm():
            return "prompt.html", _SignUp(form, say).values()
        case ProofForm():
            problems = _Problems(form.problems, say)
            summary = problems.summary(CREDENTIALS)
            named = {f"{name}_problem": problems.of(name) for name in ("username", "password")}
            return "proof.html", {"form": form, "summary": summary, **named}
        case None:
            return "prompt_go_on.html", {}
        case _:
            assert_never(form)


@dataclass(frozen=True, slots=True)
class _Problems:
    """What was wrong with the last answer, in the language of the page."""

    problems: Mapping[str, Problem]
    say: Say

    def of(self, field: str) -> str | None:
        problem = self.problems.get(field)
        return None if problem is None else self.say(problem.sentence)

    def summary(self, places: Mapping[str, Place]) -> tuple[Told, ...]:
        """Return each problem with the place of its field, in the page's order; the whole form's come first."""
        order = {name: at for at, name in enumerate(places, 1)}
        told = sorted(self.problems.items(), key=lambda one: order.get(one[0], 0))
        return tuple(Told(*places.get(name, NOWHERE), self.say(one.sentence)) for name, one in told)


@dataclass(frozen=True, slots=True)
class _SignUp:
    """Lays out the form before an account is made."""

    form: PromptForm
    say: Say

    def values(self) -> dict[str, Any]:
        form, store = self.form, self.form.store
        problems = _Problems(form.problems, self.say)
        missing = tuple(self._missing(at, one, problems) for at, one in enumerate(form.missing, 1))
        purposes = tuple(self._purpose(at, one, problems) for at, one in enumerate(form.purposes, 1))
        boxes = tuple(box for one in purposes for box in one.boxes)
        places = {**CREDENTIALS} | {one.name: (one.id, one.label) for one in (*missing, *boxes)}
        return {
            "form": form,
            "heading": self.say(HEADINGS[form.mode]),
            "summary": problems.summary(places),
            "username": str(form.username),
            "username_problem": problems.of("username"),
            "username_rule": self.say(store.username.message),
            "username_pattern": script_pattern(store.username, store.username_script_pattern),
            "password_problem": problems.of("password"),
            "password_rule": self.say(store.password.message),
            "password_pattern": script_pattern(store.password, store.password_script_pattern),
            "again_problem": problems.of("password_again"),
            "lines": self._lines(),
            "missing": missing,
            "purposes": purposes,
            "has_mandatory": any(box.mandatory for box in boxes),
        }

    def _lines(self) -> tuple[Line, ...]:
        form = self.form
        lines = [
            Line(label_of(name, self.say), values_of(name, values, self.say))
            for name, values in form.attributes.items()
        ]
        if not (form.mode.asks_username or form.mode.asks_password):
            lines.insert(0, Line(self.say(_("User name")), (str(form.username),)))
        if form.roles:
            lines.append(Line(self.say(_("Roles")), form.roles))
        return tuple(lines)

    def _missing(self, at: int, one: AskedAttribute, problems: _Problems) -> Asked:
        words = words_of(one.name)
        return Asked(
            id=f"missing-{at}",
            name=one.field,
            label=label_of(one.name, self.say),
            type=words.type,
            autocomplete=words.autocomplete,
            typed=one.typed,
            required=one.required,
            problem=problems.of(one.field),
        )

    def _purpose(self, at: int, purpose: AskedPurpose, problems: _Problems) -> PurposeView:
        boxes = tuple(
            Box(
                id=f"purpose-{at}-{number}",
                name=one.field,
                label=label_of(one.attribute, self.say),
                version=one.version,
                mandatory=one.mandatory,
                values=values_of(one.attribute, one.values, self.say),
                ticked=one.ticked,
                problem=problems.of(one.field),
            )
            for number, one in enumerate(purpose.consents, 1)
        )
        return PurposeView(purpose.field, purpose.version, purpose.name, purpose.description, boxes)
