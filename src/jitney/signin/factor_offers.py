"""What a page shows of a challenge: a secret, a masked address, or a question to authenticators (pure)."""

from collections.abc import Sequence

from jitney.factors import totp
from jitney.factors.passkeys import Holder, authentication_options, registration_options
from jitney.factors.qr import svg_of
from jitney.model.factor import Asked, Factor, OfferedSecret, Passkey, SentCode, WebAuthnChallenge
from jitney.model.user import User
from jitney.provisioning.display_names import display_name_of
from jitney.provisioning.factor_letters import masked
from jitney.signin.factor_page import EmailOffer, Offer, PasskeyOffer, TOTPOffer
from jitney.signin.factor_settings import FactorSettings


def proof_offer(asked: Asked, mine: Sequence[Factor], settings: FactorSettings) -> Offer | None:
    """Return what is shown to somebody who proves one of their factors, ``mine``; an app is shown nothing."""
    if isinstance(asked, WebAuthnChallenge):
        known = passkeys_of(mine)
        return PasskeyOffer(authentication_options(settings.party, challenge=asked.challenge, known=known))
    return EmailOffer(masked(asked.address)) if isinstance(asked, SentCode) else None


def enrolment_offer(asked: Asked, user: User, mine: Sequence[Factor], settings: FactorSettings) -> Offer:
    """Return what is shown to somebody who enrols a factor beside ``mine``, which cannot be enrolled twice."""
    account = display_name_of(user) or str(user.username)
    match asked:
        case OfferedSecret(secret=secret):
            uri = totp.provisioning_uri(secret, issuer=settings.issuer, account=account)
            return TOTPOffer(secret, uri, svg_of(uri, title="QR code"))
        case SentCode(address=address):
            return EmailOffer(masked(address))
        case WebAuthnChallenge(challenge=challenge):
            options = registration_options(
                settings.party, Holder(user.id, account), challenge=challenge, known=passkeys_of(mine)
            )
            return PasskeyOffer(options)


def passkeys_of(factors: Sequence[Factor]) -> list[Passkey]:
    """Return the passkeys among factors."""
    return [each.means for each in factors if isinstance(each.means, Passkey)]
