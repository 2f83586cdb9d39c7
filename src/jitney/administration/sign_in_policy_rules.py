"""What the sign-in policy of an application must be before it may be saved (pure)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network

from jitney.administration.attribute_names import find_name_fault
from jitney.model.factor import FactorKind
from jitney.model.identity_provider import IdentityProvider
from jitney.model.sign_in_policy import LOCAL, Effect, PolicyRule, SignInPolicy
from jitney.model.user import EVERYONE, OPERATOR_ROLES, PRIMARY
from jitney.provisioning.networks import read_network

MOST_RULES = 50
"""How many rules a policy has at most: an operator shall still be able to read it."""

MOST_NAMES = 100
"""How many names, networks or values one condition lists at most."""

_REMOVED = re.compile(r"removed:[a-z0-9-]{1,50}")
_LONGEST_VALUE = 1000

Faults = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class PolicySurroundings:
    """What a policy is judged against: the providers by short name, the roles, the domains of the user stores.

    ``enhanced`` is ``enable_enhanced_feature`` of the installation.
    """

    providers: Mapping[str, IdentityProvider] = field(default_factory=dict[str, IdentityProvider])
    roles: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    enhanced: bool = False


def is_removed(name: str) -> bool:
    """Say whether a name stands for a provider that was removed although it was named: nobody comes through it."""
    return _REMOVED.fullmatch(name) is not None


def unknown_providers(names: tuple[str, ...], surroundings: PolicySurroundings) -> list[str]:
    """Return the names that no provider has or had."""
    return sorted(name for name in set(names) - surroundings.providers.keys() if not is_removed(name))


def find_policy_faults(policy: SignInPolicy, surroundings: PolicySurroundings) -> Faults:
    """Yield what is wrong, by field; rules are counted from 1 (``rules[2].networks``)."""
    if len(policy.rules) > MOST_RULES:
        yield "rules", f"A policy has at most {MOST_RULES} rules."
    for at, rule in enumerate(policy.rules, 1):
        yield from ((f"rules[{at}].{name}", text) for name, text in _rule_faults(rule, surroundings))


def _rule_faults(rule: PolicyRule, surroundings: PolicySurroundings) -> Faults:
    yield from _size_faults(rule)
    names = tuple(name for name in rule.identity_providers if name != LOCAL)
    if unknown := unknown_providers(names, surroundings):
        yield "identity_providers", f"There is no identity provider {', '.join(unknown)}."
    if unknown := _unknown_roles(rule.roles, surroundings):
        yield "roles", f"There is no role {', '.join(unknown)}."
    for name in ("networks", "outside_networks"):
        yield from ((name, fault) for text in getattr(rule, name) if (fault := _network_fault(text)))
    for condition in rule.attributes:
        if fault := find_name_fault(condition.attribute):
            yield "attributes", fault
    if rule.factors and rule.effect is not Effect.FACTOR:
        yield "factors", "Only a rule whose effect is factor says which kinds of factors do."
    yield from kind_faults("factors", rule.factors)


def kind_faults(name: str, kinds: tuple[FactorKind, ...]) -> Faults:
    """Yield what is wrong with the kinds of factors that are demanded."""
    if FactorKind.RECOVERY in kinds:
        yield name, "A recovery code stands in for any kind of factor; it cannot be demanded."
    if len(set(kinds)) < len(kinds):
        yield name, "A kind of factor is listed twice."


def _size_faults(rule: PolicyRule) -> Faults:
    for name in ("identity_providers", "roles", "attributes", "networks", "outside_networks"):
        if len(getattr(rule, name)) > MOST_NAMES:
            yield name, f"A condition lists at most {MOST_NAMES}."
    for condition in rule.attributes:
        values = condition.values
        if len(values) > MOST_NAMES or any(not value or len(value) > _LONGEST_VALUE for value in values):
            yield (
                "attributes",
                f"A condition lists at most {MOST_NAMES} values of 1 to {_LONGEST_VALUE} characters.",
            )


def _unknown_roles(roles: tuple[str, ...], surroundings: PolicySurroundings) -> list[str]:
    # Whether there is such a group (ENG/staff) only its store can say, when somebody comes.
    outside = tuple(f"{domain}/" for domain in surroundings.domains if domain != PRIMARY)
    known = surroundings.roles | OPERATOR_ROLES | {EVERYONE}
    return sorted(role for role in set(roles) - known if not role.startswith(outside))


def _network_fault(text: str) -> str | None:
    """Say why this is no network; a slip in its bits is told with what was probably meant."""
    if read_network(text) is not None:
        return None
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        return f"{text[:60]} is no network such as 10.0.0.0/8 or 2001:db8::/32."
    if read_network(str(meant)) is None:
        return f"{text[:60]} holds IPv4 addresses: write them as an IPv4 network."
    return f"{text[:60]} has bits beyond its length; is {meant} meant?"
