"""Makes second factors, challenges, locks and removals for the contracts: each complete, each easy to vary."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.contract.records import LATER, NOW

from jitney.model.attempts import AttemptKind, Attempts
from jitney.model.factor import (
    Asked,
    ChallengeFor,
    EmailAddress,
    Factor,
    FactorChallenge,
    FactorKind,
    Means,
    OfferedSecret,
    Passkey,
    SentCode,
    TOTPSecret,
    WebAuthnChallenge,
)
from jitney.model.half_way import FirstFactor, HalfWay
from jitney.model.identity_lock import IdentityLock, LockedBy
from jitney.model.outcome import OutcomeKind, Reason
from jitney.model.provider_removal import ProviderRemoval, RemovalCounts
from jitney.model.session import LocalPerson
from jitney.model.user import Lock

MEANS: dict[str, Means] = {
    "totp": TOTPSecret("S3CRETOFANAPPS3CRETOFANAPPS3CRET"),
    "email": EmailAddress("alice.s3cret@example.org"),
    "passkey": Passkey("credential-1", "s3cret public key"),
}
ASKED: dict[str, Asked] = {
    "totp": OfferedSecret("S3CRETOFANAPPS3CRETOFANAPPS3CRET"),
    "email": SentCode("alice.s3cret@example.org", "s3cret hash", tries=2, network="network-1"),
    "passkey": WebAuthnChallenge("s3cret challenge"),
}


def a_factor(id: str = "factor-1", user_id: str = "user-1", means: str = "totp", **changes: Any) -> Factor:
    factor = Factor(id, user_id, MEANS[means], created=NOW, label="Ünïcode 漢", counter=58_000_000)
    return replace(factor, **changes)


def a_challenge(bound_to: str = "page-1", asked: str = "email", **changes: Any) -> FactorChallenge:
    challenge = FactorChallenge(
        bound_to, "user-1", ChallengeFor.PROOF, ASKED[asked], created=NOW, expires=LATER
    )
    return replace(challenge, **changes)


def some_attempts(key: str = "user-1", **changes: Any) -> Attempts:
    attempts = Attempts(key, AttemptKind.TOTP, (NOW - timedelta(microseconds=1), NOW), version=1)
    return replace(attempts, **changes)


def a_lock_on(value: str = "subject-1", idp: str = "idp-1", **changes: Any) -> IdentityLock:
    lock = IdentityLock(idp, LockedBy.SUBJECT, value, Lock("stolen telephone", since=NOW, until=LATER))
    return replace(lock, **changes)


def a_removal(id: str = "removal-1", idp: str = "idp-1", **changes: Any) -> ProviderRemoval:
    removal = ProviderRemoval(
        id=id,
        idp=idp,
        name="acme",
        display_name="Acme",
        actor="operator:root",
        began=NOW,
        deletes_users=True,
        planned=RemovalCounts(deleted=8, has_password=2),
    )
    return replace(removal, **changes)


def half_way(page_hash: str = "page-1", **changes: Any) -> HalfWay:
    first = FirstFactor(
        person=LocalPerson("user-s3cret", "PRIMARY"),
        authenticated_at=NOW,
        amr=("pwd",),
        acr="gold",
        idp="idp-1",
        subject="subject-1",
        upstream_session="sid-1",
        upstream_name="name-1",
        logout_hint="s3cret hint",
        connection="fingerprint",
    )
    waiting = HalfWay(
        page_hash,
        "AAAA-0001",
        first,
        OutcomeKind.CREATED,
        (Reason("provisioned", {"store": "PRIMARY"}),),
        written=("user-1",),
        proven=FactorKind.TOTP,
    )
    return replace(waiting, **changes)
