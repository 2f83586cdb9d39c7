"""Turn what is written of a sign-in into nouns: policies, second factors, the enhanced feature."""

from collections.abc import Sequence

from jitney.cli.sign_in_model import WrittenEnhanced, WrittenRule, WrittenSecondFactor
from jitney.model.enhanced import EnhancedFeature
from jitney.model.sign_in_policy import AttributeCondition, PolicyRule, SecondFactorRule, SignInPolicy


def sign_in_policy(written: Sequence[WrittenRule]) -> SignInPolicy:
    """Return the policy of an application, rule by rule in the order of the file."""
    return SignInPolicy(tuple(_rule(one) for one in written))


def second_factor_rule(written: WrittenSecondFactor) -> SecondFactorRule:
    """Return what a provider demands and is trusted for."""
    return SecondFactorRule(
        required=written.required,
        kinds=tuple(written.kinds),
        trusted_acr=tuple(written.trusted_acr),
        trusted_amr=tuple(written.trusted_amr),
    )


def enhanced_feature(written: WrittenEnhanced) -> EnhancedFeature:
    """Return the parts of which the file says something; the others stay as the installation says."""
    return EnhancedFeature(**written.model_dump())


def _rule(written: WrittenRule) -> PolicyRule:
    return PolicyRule(
        effect=written.effect,
        identity_providers=tuple(written.identity_providers),
        roles=tuple(written.roles),
        attributes=tuple(AttributeCondition(row.attribute, tuple(row.values)) for row in written.attributes),
        networks=tuple(written.networks),
        outside_networks=tuple(written.outside_networks),
        factors=tuple(written.factors),
    )
