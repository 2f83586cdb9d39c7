"""What a page of the customer's own is told: a form as JSON, as ``docs/reference/own-pages.md`` describes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jitney.provisioning.prompt_forms import AskedPurpose, Problem, PromptForm
from jitney.signin.journey import Shown
from jitney.web.pages.attribute_words import Say, label_of, values_of, words_of
from jitney.web.pages.prompt_view import script_pattern

_ = str
"""Marks a text of the catalogue."""


def describe(form: PromptForm, shown: Shown, say: Say) -> dict[str, Any]:
    """Return everything that a page needs to show and to ask; texts of ours are in the language of ``say``."""
    return {
        "mode": form.mode.value,
        "provider": shown.provider,
        "account": form.account,
        "application": shown.application,
        "reference": shown.reference,
        "tries_left": shown.tries_left,
        "username": {"value": str(form.username), "may_change": form.mode.asks_username},
        "fields": list(_Fields(form, say)),
        "attributes": [
            {
                "name": name,
                "label": label_of(name, say),
                "values": list(values_of(name, values, say)),
            }
            for name, values in form.attributes.items()
        ],
        "roles": list(form.roles),
        "purposes": [_purpose(form, purpose, say) for purpose in form.purposes],
        "problems": [_problem(problem, say) for name, problem in form.problems.items() if name == "form"],
        "may_link": form.may_link,
    }


@dataclass(frozen=True, slots=True)
class _Fields:
    """The fields to fill in, in the order in which a page should show them."""

    form: PromptForm
    say: Say

    def __iter__(self) -> Iterator[dict[str, Any]]:
        form, store, say = self.form, self.form.store, self.say
        if form.mode.asks_username:
            yield self._field(
                "username",
                say(_("User name")),
                autocomplete="username",
                value=str(form.username),
                rule=say(store.username.message),
                pattern=script_pattern(store.username, store.username_script_pattern),
            )
        if form.mode.asks_password:
            hidden = {"type": "password", "autocomplete": "new-password"}
            rule = {
                "rule": say(store.password.message),
                "pattern": script_pattern(store.password, store.password_script_pattern),
            }
            yield self._field("password", say(_("Password")), **hidden, **rule)
            yield self._field("password_again", say(_("The password once more")), **hidden)
        for one in form.missing:
            words = words_of(one.name)
            kind = {"type": words.type, "autocomplete": words.autocomplete}
            yield {
                **self._field(one.field, say(words.label), **kind, value=one.typed),
                "required": one.required,
            }

    def _field(self, name: str, label: str, **more: str) -> dict[str, Any]:
        return {
            "name": name,
            "label": label,
            "type": "text",
            "value": "",
            "required": True,
            "rule": None,
            "pattern": "",
            **more,
            "problem": _problem(self.form.problems.get(name), self.say),
        }


def _purpose(form: PromptForm, purpose: AskedPurpose, say: Say) -> dict[str, Any]:
    return {
        "id": purpose.id,
        "version": purpose.version,
        "field": purpose.field,
        "value": str(purpose.version),
        "name": purpose.name,
        "description": purpose.description,
        "attributes": [
            {
                "name": one.attribute,
                "label": label_of(one.attribute, say),
                "values": list(values_of(one.attribute, one.values, say)),
                "field": one.field,
                "value": str(one.version),
                "mandatory": one.mandatory,
                "ticked": one.ticked,
                "problem": _problem(form.problems.get(one.field), say),
            }
            for one in purpose.consents
        ],
    }


def _problem(problem: Problem | None, say: Say) -> Mapping[str, str] | None:
    return None if problem is None else {"code": problem.reason.code, "sentence": say(problem.sentence)}
