"""The box in which a name, a password and a role name are tried against a store's rules; nothing of it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jitney.administration.stores.rule_trial import RULES, Judged, RulesTried, TriedTexts
from jitney.web.console.record_forms import Field, Kind

TRY: Final = (
    Field("try.username", "A user name"),
    Field("try.password", "A password", Kind.SECRET, "It is never shown, stored or logged."),
    Field("try.role", "A role name"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one text, for the page: the rules that say no, and what a person would read."""

    label: str
    fits: bool
    rules: tuple[tuple[str, str], ...]
    sentence: str | None


def texts_in(fields: Mapping[str, str]) -> TriedTexts:
    """Return what was typed into the box."""
    return TriedTexts(
        fields.get("try.username", ""), fields.get("try.password", ""), fields.get("try.role", "")
    )


def verdicts(tried: RulesTried) -> list[Verdict]:
    """Return what was tried with what came of it; what was left empty is not told."""
    judged = (
        ("User name", tried.username),
        ("Password", tried.password),
        ("Role name", tried.role),
    )
    return [_verdict(label, one) for label, one in judged if one is not None]


def canonical_told(tried: RulesTried) -> list[tuple[str, str]]:
    """Return how the user name would be shown, and by what it would be compared."""
    name = tried.canonical
    return [("Shown as", str(name)), ("Compared as", name.key)] if name else []


def _verdict(label: str, judged: Judged) -> Verdict:
    rules = tuple((code, RULES.get(code, code)) for code in judged.rules)
    return Verdict(label, judged.fits, rules, judged.sentence)
