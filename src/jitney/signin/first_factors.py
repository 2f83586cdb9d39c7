"""First factors: how somebody has proven themselves, as their session will tell it."""

from datetime import datetime

from jitney.model.factor import REFEDS_MFA
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.half_way import FirstFactor
from jitney.model.identity_provider import IdentityProvider
from jitney.model.secret_hash import hash_secret
from jitney.model.session import LocalPerson, Person, Session
from jitney.model.sign_in_policy import SecondFactorRule

_MFA = "mfa"


def federated(
    person: Person, identity: FederatedIdentity, idp: IdentityProvider, now: datetime
) -> FirstFactor:
    """Return what a provider has proven of a person.

    A provider cannot claim a moment that is still to come; and the class of several factors, and the method
    ``mfa``, are ours to state, or those of a provider which is trusted for them, since applications rely on them
    (R-100).
    """
    said = identity.authenticated_at
    is_believed = identity.acr != REFEDS_MFA or REFEDS_MFA in idp.second_factor.trusted_acr
    return FirstFactor(
        person,
        authenticated_at=now if said is None else min(said, now),
        amr=_believed_methods(identity, idp.second_factor),
        acr=identity.acr if is_believed else None,
        idp=identity.idp,
        subject=identity.subject,
        upstream_session=identity.upstream_session,
        upstream_name=identity.upstream_name,
        logout_hint=identity.logout_hint,
        connection=idp.connection.fingerprint,
    )


def by_password(person: LocalPerson, now: datetime, *, password_hash: str | None) -> FirstFactor:
    """Return what user name and password have proven; without a hash where another store has compared them."""
    return FirstFactor(
        person, authenticated_at=now, amr=("pwd",), password=password_fingerprint(password_hash)
    )


def password_fingerprint(password_hash: str | None) -> str | None:
    """Return by what a journey knows again the password that began it."""
    return None if password_hash is None else hash_secret(password_hash)


def of_session(session: Session) -> FirstFactor:
    """Return what a session was made from, where it shall be raised to a higher level."""
    return FirstFactor(
        session.person,
        authenticated_at=session.authenticated_at,
        amr=session.amr,
        acr=session.acr,
        idp=session.idp,
        subject=session.subject,
        upstream_session=session.upstream_session,
        upstream_name=session.upstream_name,
        logout_hint=session.logout_hint,
        session=session.id_hash,
    )


def _believed_methods(identity: FederatedIdentity, rule: SecondFactorRule) -> tuple[str, ...]:
    if _MFA in rule.trusted_amr or identity.acr in rule.trusted_acr:
        return identity.amr
    return tuple(method for method in identity.amr if method != _MFA)
