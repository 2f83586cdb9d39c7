"""SignInPolicy: what an application wants of a sign-in; SecondFactorRule: what an identity provider adds to it."""

from dataclasses import dataclass
from enum import StrEnum

from jitney.model.factor import FactorKind

LOCAL = "local"
"""How a rule names people who come with user name and password; no provider may have this short name."""


class Effect(StrEnum):
    """What a rule says about whom it fits."""

    ALLOW = "allow"
    FACTOR = "factor"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class AttributeCondition:
    """The person has one of these values in this attribute; without values, any."""

    attribute: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One line of a policy: whom it fits, and what follows. A condition that is empty holds for everybody.

    ``identity_providers`` are short names, and ``local`` for people of our own stores.
    ``roles`` are those of which the person has one.
    ``networks`` are networks (CIDR) in one of which the browser is,
    ``outside_networks`` such in none of which it is.
    ``factors`` are the kinds of which one must be proven where the effect is ``factor``; empty: any.
    """

    effect: Effect
    identity_providers: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    attributes: tuple[AttributeCondition, ...] = ()
    networks: tuple[str, ...] = ()
    outside_networks: tuple[str, ...] = ()
    factors: tuple[FactorKind, ...] = ()


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """The rules of an application in their order: the first that fits decides; where none fits, all may come.

    What a provider or a role demands is demanded beside it, whatever a rule allows.
    """

    rules: tuple[PolicyRule, ...] = ()


@dataclass(frozen=True, slots=True)
class SecondFactorRule:
    """What an identity provider's people owe beside its own sign-in.

    ``kinds`` are those of which one must be proven; empty: any.
    ``trusted_acr`` and ``trusted_amr`` are what the provider's signed token must carry so that nothing is asked
    here: one of them is enough (R-100).
    """

    required: bool = False
    kinds: tuple[FactorKind, ...] = ()
    trusted_acr: tuple[str, ...] = ()
    trusted_amr: tuple[str, ...] = ()
