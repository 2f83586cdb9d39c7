"""The sign-in policy as a form: a card for each rule, in the order of its number, and two to spare."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from jitney.errors import InvalidInput
from jitney.model.factor import FactorKind
from jitney.model.sign_in_policy import AttributeCondition, Effect, PolicyRule, SignInPolicy
from jitney.web.console.record_forms import Choice, Field, Kind
from jitney.web.console.record_texts import with_our_line_ends

SPARE: Final = 2
_MOST: Final = 60
"""How many cards of a posted form are looked at; a policy has fewer rules than that."""

_EFFECTS = (
    Choice("", "– no rule –"),
    Choice(Effect.ALLOW.value, "Let in, and ask for nothing more"),
    Choice(Effect.FACTOR.value, "Ask for a second factor"),
    Choice(Effect.REFUSE.value, "Refuse"),
)
FACTORS: Final = (
    Choice(FactorKind.PASSKEY.value, "a passkey"),
    Choice(FactorKind.TOTP.value, "a code of an app"),
    Choice(FactorKind.EMAIL.value, "a code by e-mail"),
)
_NONE = PolicyRule(Effect.REFUSE)
"""What a card to spare has been before: no condition at all."""

_FAULT = re.compile(r"sign_in_policy\.rules\[(\d+)\]\.(\w+)")


@dataclass(frozen=True, slots=True)
class RuleCard:
    """One rule of the form: what it does, and the conditions, which are open where one is filled in."""

    number: int
    acts: tuple[Field, ...]
    conditions: tuple[Field, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class ReadPolicy:
    """A policy as it was typed, and for each of its rules the number of the card on which it stood."""

    policy: SignInPolicy
    cards: tuple[int, ...]

    def placed(self, fault: InvalidInput) -> InvalidInput:
        """Return a fault of the verb with its fields named as the cards name them."""
        return InvalidInput(
            fault.code,
            fault.sentence,
            fields={self._place(path): told for path, told in fault.fields.items()},
        )

    def _place(self, path: str) -> str:
        found = _FAULT.fullmatch(path)
        at = int(found.group(1)) if found else 0
        return f"rule.{self.cards[at - 1]}.{found.group(2)}" if found and at <= len(self.cards) else path


def typed_of_policy(policy: SignInPolicy) -> dict[str, str]:
    """Return what the cards show of a policy."""
    typed: dict[str, str] = {}
    for at, rule in enumerate(policy.rules):
        texts = {
            "place": str(at + 1),
            "effect": rule.effect.value,
            "identity_providers": "\n".join(rule.identity_providers),
            "roles": "\n".join(rule.roles),
            "attributes": "\n".join(map(_condition_text, rule.attributes)),
            "networks": "\n".join(rule.networks),
            "outside_networks": "\n".join(rule.outside_networks),
        }
        typed |= {f"rule.{at}.{name}": text for name, text in texts.items()}
        typed |= {f"rule.{at}.factors.{kind.value}": "on" for kind in rule.factors}
    return typed


def cards_of(typed: Mapping[str, str]) -> list[RuleCard]:
    """Return the cards of a form: those that say something, and some to spare."""
    filled = [at for at in range(_MOST) if typed.get(f"rule.{at}.effect")]
    count = (filled[-1] + 1 if filled else 0) + SPARE
    return [_card(at, typed) for at in range(min(count, _MOST))]


def read_policy(typed: Mapping[str, str], present: SignInPolicy) -> ReadPolicy:
    """Return the policy that the cards say, in the order of their numbers; cards without an effect are none.

    What stands in a card as ``present`` is shown there is what it has: a text cannot say every value.
    Raises ``InvalidInput`` (``form_invalid``) with the field of what cannot be understood.
    """
    faults: dict[str, str] = {}
    found: list[tuple[int, int, PolicyRule]] = []
    for at in range(_MOST):
        effect = typed.get(f"rule.{at}.effect", "")
        old = present.rules[at] if at < len(present.rules) else None
        if not effect:
            if old is None and any(typed.get(f"rule.{at}.{word}", "").strip() for word, _, _ in _CONDITIONS):
                # Otherwise a rule that somebody has written would go without a word.
                faults[f"rule.{at}.effect"] = "Say what happens to whom it fits, or clear the card."
            continue
        if effect not in {one.value for one in Effect}:
            faults[f"rule.{at}.effect"] = "Choose one of the values."
            continue
        place = typed.get(f"rule.{at}.place", "").strip() or str(at + 1)
        if not (place.isascii() and place.isdecimal() and len(place) < 4):
            faults[f"rule.{at}.place"] = "This is a whole number: the rule with the smallest comes first."
            continue
        found.append((int(place), at, _rule(at, Effect(effect), typed, old or _NONE)))
    if faults:
        raise InvalidInput("form_invalid", "Some of this cannot be saved as it is.", fields=faults)
    found.sort(key=lambda one: one[:2])
    return ReadPolicy(SignInPolicy(tuple(rule for _, _, rule in found)), tuple(at for _, at, _ in found))


def policy_told(policy: SignInPolicy) -> list[tuple[str, str]]:
    """Return each rule in words, numbered as outcomes number them."""
    return [(f"Rule {at}", _told(rule)) for at, rule in enumerate(policy.rules, 1)]


def _card(at: int, typed: Mapping[str, str]) -> RuleCard:
    name = f"rule.{at}"
    acts = (
        Field(f"{name}.effect", "What happens", Kind.SELECT, choices=_EFFECTS),
        Field(f"{name}.place", "Place", Kind.NUMBER, "The smallest comes first."),
        Field(
            f"{name}.factors", "Which second factors do", Kind.CHECKS, "None ticked: any of them.", FACTORS
        ),
    )
    conditions = tuple(
        Field(f"{name}.{word}", label, Kind.LINES, sentence) for word, label, sentence in _CONDITIONS
    )
    is_open = any(typed.get(field.path, "").strip() for field in conditions)
    return RuleCard(at, acts, conditions, is_open)


_CONDITIONS = (
    (
        "identity_providers",
        "Through one of",
        "Short names, one on a line; local: with user name and password.",
    ),
    ("roles", "With one of the roles", "One on a line; ENG/staff is the group staff of the store ENG."),
    (
        "attributes",
        "With all of the attributes",
        "One on a line: department = finance | payroll, or its name.",
    ),
    ("networks", "From one of the networks", "One on a line, such as 10.0.0.0/8 or 2001:db8::/32."),
    ("outside_networks", "From outside all of the networks", "One on a line."),
)


def _rule(at: int, effect: Effect, typed: Mapping[str, str], old: PolicyRule) -> PolicyRule:
    shown = typed_of_policy(SignInPolicy((old,)))

    def lines(name: str) -> tuple[str, ...]:
        text = with_our_line_ends(typed.get(f"rule.{at}.{name}", ""))
        if text and text == with_our_line_ends(shown[f"rule.0.{name}"]):
            return getattr(old, name)
        return tuple(line.strip() for line in text.split("\n") if line.strip())

    known = {_condition_text(one): one for one in old.attributes}
    said = typed.get(f"rule.{at}.attributes", "").splitlines()
    ticked = [FactorKind(one.value) for one in FACTORS if typed.get(f"rule.{at}.factors.{one.value}")]
    return replace(
        old,
        effect=effect,
        identity_providers=lines("identity_providers"),
        roles=lines("roles"),
        attributes=tuple(known.get(line) or _condition(line) for line in map(str.strip, said) if line),
        networks=lines("networks"),
        outside_networks=lines("outside_networks"),
        factors=old.factors if set(old.factors) == set(ticked) else tuple(ticked),
    )


def _condition(line: str) -> AttributeCondition:
    """Return a condition; behind the sign without a value it has one that no rule takes, not any value."""
    name, sign, values = line.partition("=")
    said = tuple(value.strip() for value in values.split("|") if value.strip())
    return AttributeCondition(name.strip(), (said or ("",)) if sign else ())


def _condition_text(condition: AttributeCondition) -> str:
    if not condition.values:
        return condition.attribute
    return f"{condition.attribute} = {' | '.join(condition.values)}"


def _told(rule: PolicyRule) -> str:
    labels = {one.value: one.label for one in FACTORS}
    what = {
        Effect.ALLOW: "let in, asking for nothing more",
        Effect.REFUSE: "refuse",
        Effect.FACTOR: "ask for "
        + (
            " or ".join(labels[kind.value] for kind in rule.factors if kind.value in labels)
            or "any second factor"
        ),
    }[rule.effect]
    return f"{what}: {'; '.join(_conditions(rule)) or 'everybody'}"


def _conditions(rule: PolicyRule) -> Iterator[str]:
    if rule.identity_providers:
        yield f"through {' or '.join(rule.identity_providers)}"
    if rule.roles:
        yield f"with the role {' or '.join(rule.roles)}"
    yield from (f"with {_condition_text(one)}" for one in rule.attributes)
    if rule.networks:
        yield f"from {' or '.join(rule.networks)}"
    if rule.outside_networks:
        yield f"from outside {' and '.join(rule.outside_networks)}"
