"""EnhancedFeature: the five parts of the guide's enhanced feature, for one identity provider."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class EnhancedFeature:
    """Which parts are on for the people of an identity provider; ``None``: as the whole installation says.

    ``federated_unique_user_id``: that id becomes the user name.
    ``second_factors``: its people may enrol second factors, and can so be asked for one.
    ``delete_users_with_provider``: the users that it provisioned are deleted with it.
    ``refuse_edits``: what it masters is edited nowhere else.
    ``lock_social_identity``: a lock by social identity stands on the identity, and outlives the account.
    """

    federated_unique_user_id: bool | None = None
    second_factors: bool | None = None
    delete_users_with_provider: bool | None = None
    refuse_edits: bool | None = None
    lock_social_identity: bool | None = None

    def resolved(self, *, default: bool) -> "EnhancedFeature":
        """Return every part as on or off; ``default`` is ``enable_enhanced_feature`` of the installation."""
        said = {part.name: getattr(self, part.name) for part in fields(self)}
        return EnhancedFeature(**{name: default if is_on is None else is_on for name, is_on in said.items()})
