"""Who cannot meet a sign-in policy, and what of it does nothing: told when it is saved (pure)."""

from collections.abc import Iterable, Iterator

from jitney.administration.sign_in_policy_rules import PolicySurroundings, is_removed
from jitney.model.application import Application
from jitney.model.identity_provider import IdentityProvider
from jitney.model.sign_in_policy import Effect, PolicyRule, SignInPolicy


def find_application_warnings(application: Application, surroundings: PolicySurroundings) -> Iterator[str]:
    """Yield sentences about what is allowed, each with the path of the field (``sign_in_policy.rules[2]``)."""
    for name in filter(is_removed, application.identity_providers):
        yield f"identity_providers: {name} was removed; nobody comes through it."
    policy = application.sign_in_policy
    yield from (f"sign_in_policy.{text}" for text in _idle_warnings(policy))
    for idp in surroundings.providers.values():
        if application.takes_from(idp.name):
            yield from _warnings_about(idp, policy, enhanced=surroundings.enhanced)


def find_provider_warnings(
    idp: IdentityProvider, applications: Iterable[Application], *, enhanced: bool
) -> Iterator[str]:
    """Yield sentences about demands that the people of this provider cannot meet, each with the path of the field.

    ``enhanced`` is ``enable_enhanced_feature`` of the installation.
    """
    if idp.second_factor.required and (why := _why_not(idp, enhanced=enhanced)):
        yield f"second_factor.required: people of {idp.name} cannot meet this, since {why}"
    for application in applications:
        if not application.takes_from(idp.name):
            continue
        for at, rule in _factor_rules(application.sign_in_policy, idp.name):
            policy = f"rule {at} of the sign-in policy of the application {application.id}"
            if why := _why_not_this(idp, rule, enhanced=enhanced):
                field = "enhanced.second_factors" if idp.policy.enabled else "policy.enabled"
                yield f"{field}: people of {idp.name} cannot meet {policy}, since {why}"
            if _contradict(idp, rule):
                yield f"second_factor.kinds: none of these kinds does for {policy}."


def _warnings_about(idp: IdentityProvider, policy: SignInPolicy, *, enhanced: bool) -> Iterator[str]:
    for at, rule in _factor_rules(policy, idp.name):
        path = f"sign_in_policy.rules[{at}]"
        if why := _why_not_this(idp, rule, enhanced=enhanced):
            yield f"{path}: people of {idp.name} cannot meet this policy, since {why}"
        if _contradict(idp, rule):
            yield f"{path}.factors: none of these kinds does for {idp.name}, which demands others."


def _factor_rules(policy: SignInPolicy, idp_name: str) -> Iterator[tuple[int, PolicyRule]]:
    """Yield the rules, with their numbers, by which people of this provider may owe a factor."""
    for at, rule in enumerate(policy.rules, 1):
        if rule.identity_providers and idp_name not in rule.identity_providers:
            continue
        if rule.effect is Effect.FACTOR:
            yield at, rule
        if not _has_other_conditions(rule):
            return


def _has_other_conditions(rule: PolicyRule) -> bool:
    return bool(rule.roles or rule.attributes or rule.networks or rule.outside_networks)


def _why_not(idp: IdentityProvider, *, enhanced: bool) -> str | None:
    """Say why new people of a provider have no second factor and get none; ``None`` where they may have one."""
    rule = idp.second_factor
    trusted = ", and only what its token says can be enough" if rule.trusted_acr or rule.trusted_amr else ""
    if not idp.policy.enabled:
        return f"provisioning is off there: they have no account{trusted}."
    if not idp.enhanced.resolved(default=enhanced).second_factors:
        return f"second_factors of the enhanced feature is off there: they can set none up{trusted}."
    return None


def _why_not_this(idp: IdentityProvider, rule: PolicyRule, *, enhanced: bool) -> str | None:
    # Who has no account has no role either, so a rule about roles asks nothing of them.
    if rule.roles and not idp.policy.enabled:
        return None
    return _why_not(idp, enhanced=enhanced)


def _contradict(idp: IdentityProvider, rule: PolicyRule) -> bool:
    demanded = idp.second_factor
    both = demanded.required and demanded.kinds and rule.factors
    return bool(both) and not set(demanded.kinds) & set(rule.factors)


def _idle_warnings(policy: SignInPolicy) -> Iterator[str]:
    """Name rules that no longer fit anybody, that nobody gets to, and that change nothing."""
    for at, rule in enumerate(policy.rules, 1):
        if rule.identity_providers and all(map(is_removed, rule.identity_providers)):
            yield f"rules[{at}].identity_providers: all of them were removed; the rule fits nobody."
        elif gone := [name for name in rule.identity_providers if is_removed(name)]:
            yield f"rules[{at}].identity_providers: {', '.join(gone)} was removed; nobody comes through it."
        if not rule.identity_providers and not _has_other_conditions(rule) and at < len(policy.rules):
            yield f"rules[{at}]: this rule fits everybody, so nobody gets to those behind it."
    if policy.rules and all(rule.effect is Effect.ALLOW for rule in policy.rules):
        yield "rules: no rule refuses anybody or demands a factor, and whom none fits may come: nothing changes."
