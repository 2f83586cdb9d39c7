"""From ``[authentication.second_factor]`` to what is obeyed."""

from jitney.settings.checked_sign_in import SecondFactor
from jitney.settings.resolved import SecondFactorSettings
from jitney.web.kit.theme import PRODUCT_NAME


def resolve_second_factor(written: SecondFactor, *, product_name: str) -> SecondFactorSettings:
    """Return the roles that owe a second factor, the name in authenticator apps, and the cap on mailed codes.

    No issuer holds a colon: it would end the issuer in the address that an app reads.
    """
    return SecondFactorSettings(
        required_roles=frozenset(written.required_roles),
        totp_issuer=written.totp_issuer or product_name.replace(":", " ").strip() or PRODUCT_NAME,
        emails_per_hour=written.emails_per_hour,
    )
