"""What is told of sign-in policies and of the enhanced feature: a rule as a line, a part as on or off."""

from collections.abc import Iterator
from dataclasses import fields

from jitney.model.enhanced import EnhancedFeature
from jitney.model.sign_in_policy import AttributeCondition, Effect, PolicyRule, SignInPolicy


def policy_told(policy: SignInPolicy) -> dict[str, str]:
    """Return each rule in words, numbered as faults and outcomes number them."""
    return {f"rule {at}": _told(rule) for at, rule in enumerate(policy.rules, 1)}


def enhanced_told(enhanced: EnhancedFeature, *, default: bool) -> dict[str, str]:
    """Return what each part comes to; ``default`` is ``enable_enhanced_feature`` of the installation."""
    usual = f"{_on(default)} (as enable_enhanced_feature says)"
    said = {part.name: getattr(enhanced, part.name) for part in fields(enhanced)}
    return {name: usual if is_on is None else _on(is_on) for name, is_on in said.items()}


def _on(is_on: bool) -> str:
    return "on" if is_on else "off"


def _told(rule: PolicyRule) -> str:
    what = rule.effect.value
    if rule.effect is Effect.FACTOR:
        what = (
            f"factor {_any_of(tuple(kind.value for kind in rule.factors))}" if rule.factors else "any factor"
        )
    conditions = ", ".join(_conditions(rule))
    return f"{what}: {conditions or 'everybody'}"


def _conditions(rule: PolicyRule) -> Iterator[str]:
    if rule.identity_providers:
        yield f"through {_any_of(rule.identity_providers)}"
    if rule.roles:
        yield f"with the role {_any_of(rule.roles)}"
    yield from map(_condition, rule.attributes)
    if rule.networks:
        yield f"from {_any_of(rule.networks)}"
    if rule.outside_networks:
        yield f"from outside {_any_of(rule.outside_networks)}"


def _condition(condition: AttributeCondition) -> str:
    values = f" {_any_of(condition.values)}" if condition.values else ""
    return f"with {condition.attribute}{values}"


def _any_of(names: tuple[str, ...]) -> str:
    return " or ".join(names)
