"""The TOML of what a sign-in must be: rules of an application, demands and enhanced feature of a provider."""

from typing import Literal

from jitney.cli.declared_values import Texts
from jitney.model.factor import FactorKind
from jitney.model.sign_in_policy import Effect
from jitney.settings.checked import Section, Switch

Demandable = Literal[FactorKind.TOTP, FactorKind.EMAIL, FactorKind.PASSKEY]
"""The kinds of factors that may be demanded by name."""


class AttributeRow(Section):
    """A condition about an attribute."""

    attribute: str
    """A local attribute."""
    values: Texts = []
    """The person has one of these values; without any: has the attribute at all."""


class WrittenRule(Section):
    """A rule of an application's sign-in policy: the first that fits decides; what is left out fits everybody."""

    effect: Effect
    """What follows: the way in is free, a second factor is demanded, or the person is refused."""
    identity_providers: Texts = []
    """Short names of providers, and `local` for people of our own user stores."""
    roles: Texts = []
    """The person has one of these roles, or of these groups of their user store (`ENG/staff`)."""
    attributes: list[AttributeRow] = []
    """Rows `{ attribute, values }`, all of which must hold."""
    networks: Texts = []
    """The browser is in one of these networks, such as `10.0.0.0/8`."""
    outside_networks: Texts = []
    """The browser is in none of these."""
    factors: list[Demandable] = []
    """With the effect `factor`: one of the kinds `totp`, `email_otp` and `passkey`; without any: whichever."""


class WrittenSecondFactor(Section):
    """What a provider's people owe beside its own sign-in, and what of its words is enough."""

    required: Switch = False
    """Whether its people owe a second factor, whatever the application wants."""
    kinds: list[Demandable] = []
    """One of the kinds `totp`, `email_otp` and `passkey` must be proven; without any: whichever."""
    trusted_acr: Texts = []
    """Where its signed token carries one of these classes (`acr`), no second factor is asked for here."""
    trusted_amr: Texts = []
    """The same for methods (`amr`), such as `mfa`."""


class WrittenEnhanced(Section):
    """The five parts of the enhanced feature; what is left out is as `enable_enhanced_feature` says."""

    federated_unique_user_id: Switch | None = None
    """An id of the person at this provider becomes the user name, where no claim gives one."""
    second_factors: Switch | None = None
    """Its people may set up second factors here, and can so be asked for one."""
    delete_users_with_provider: Switch | None = None
    """When the provider is removed, so are the users that it provisioned and that have no other way in."""
    refuse_edits: Switch | None = None
    """What it masters cannot be edited here, by anybody."""
    lock_social_identity: Switch | None = None
    """A lock by the person's identity there outlives the account."""
