"""Everything that is kept of a person, as one JSON object for that person (pure).

What opens something is left out: hashes of secrets, keys, and what a provider wants to see at a sign-out.
So is what speaks of somebody else: of an operator it is told that it was one, and not who.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jitney.model.account_link import AccountLink
from jitney.model.audit_event import AuditEvent
from jitney.model.consent import ConsentReceipt
from jitney.model.factor import EmailAddress, Factor, Passkey
from jitney.model.identity_lock import IdentityLock
from jitney.model.outcome import Outcome
from jitney.model.recorded_arrival import RecordedArrival
from jitney.model.session import Session
from jitney.model.user import GivenBy, Grant, Lock, Provenance, User
from jitney.provisioning.kantara import kantara_receipt

FORMAT = "jitney-account"
VERSION = 1

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that is kept of a person.

    ``arrivals`` are what came with the sign-ins, by reference; ``providers`` the short names of identity providers
    by id.
    """

    user: User
    links: Sequence[AccountLink] = ()
    identity_locks: Sequence[IdentityLock] = ()
    factors: Sequence[Factor] = ()
    recovery_codes: int = 0
    sessions: Sequence[Session] = ()
    receipts: Sequence[ConsentReceipt] = ()
    outcomes: Sequence[Outcome] = ()
    arrivals: Mapping[str, RecordedArrival] = field(default_factory=dict[str, RecordedArrival])
    events: Sequence[AuditEvent] = ()
    providers: Mapping[str, str] | None = None

    def provider(self, id: str | None) -> str | None:
        """Return the short name of an identity provider; one that is gone keeps its id."""
        return (self.providers or {}).get(id, id) if id is not None else None


def export_of(kept: Kept, now: datetime) -> Json:
    """Return the object; ``now`` is when it was made. Moments are in UTC, as RFC 3339 writes them."""
    user = kept.user
    return {
        "format": FORMAT,
        "version": VERSION,
        "made": _at(now),
        "account": {
            "id": user.id,
            "user_name": str(user.username),
            "user_store": user.username.domain,
            "created": _at(user.created),
            "state": user.state.value,
            "lock": _lock(user.lock),
            "provisioned_by": kept.provider(user.origin),
            "has_password": user.has_password,
        },
        "profile": {
            name: [{"value": one.value, "given_by": _giver(one.provenance, kept)} for one in values]
            for name, values in user.attributes.items()
        },
        "roles": [_grant(one, kept) for one in user.roles],
        "groups": [_grant(one, kept) for one in user.groups],
        "identities": [_link(one, kept) for one in kept.links],
        "identity_locks": [_identity_lock(one, kept) for one in kept.identity_locks],
        "second_factors": [_factor(one) for one in kept.factors],
        "recovery_codes_left": kept.recovery_codes,
        "sessions": [_session(one, kept) for one in kept.sessions],
        "consent_receipts": [kantara_receipt(one) for one in kept.receipts],
        "sign_ins": [_outcome(one, kept) for one in kept.outcomes],
        "events": [_event(one) for one in kept.events],
    }


def _giver(provenance: Provenance, kept: Kept) -> Json:
    by: Json = {"kind": provenance.given_by.value}
    match provenance.given_by:
        case GivenBy.IDENTITY_PROVIDER:
            return by | {"name": kept.provider(provenance.id)}
        case GivenBy.USER_STORE:
            return by | {"name": provenance.id}
        case GivenBy.OPERATOR | GivenBy.PERSON:
            return by


def _grant(grant: Grant, kept: Kept) -> Json:
    return {"name": grant.name, "given_by": _giver(grant.provenance, kept)}


def _link(link: AccountLink, kept: Kept) -> Json:
    return {
        "identity_provider": kept.provider(link.idp),
        "subject": link.subject,
        "created": _at(link.created),
        "linked_by": link.linked_by.value,
        "anchor": link.anchor,
        "withheld": list(link.withheld),
    }


def _identity_lock(one: IdentityLock, kept: Kept) -> Json:
    return {
        "identity_provider": kept.provider(one.idp),
        "locked_by": one.locked_by.value,
        "value": one.value,
        "lock": _lock(one.lock),
    }


def _lock(lock: Lock | None) -> Json | None:
    if lock is None:
        return None
    return {"reason": lock.reason, "since": _at(lock.since), "until": _at(lock.until)}


def _factor(factor: Factor) -> Json:
    told: Json = {
        "kind": factor.kind.value,
        "label": factor.label,
        "created": _at(factor.created),
        "last_used": _at(factor.last_used),
    }
    match factor.means:
        case EmailAddress(address):
            return told | {"address": address}
        case Passkey(credential_id):
            return told | {"credential_id": credential_id}
        case _:
            return told


def _session(session: Session, kept: Kept) -> Json:
    return {
        "id": session.public_id,
        "authenticated": _at(session.authenticated_at),
        "created": _at(session.created),
        "last_seen": _at(session.last_seen),
        "expires": _at(session.expires),
        "identity_provider": kept.provider(session.idp),
        "amr": list(session.amr),
        "acr": session.acr,
        "second_factor": session.factor.value if session.factor else None,
    }


def _outcome(outcome: Outcome, kept: Kept) -> Json:
    return {
        "reference": outcome.reference,
        "at": _at(outcome.at),
        "kind": outcome.kind.value,
        "reasons": [one.code for one in outcome.reasons],
        "application": outcome.application,
        "identity_provider": kept.provider(outcome.idp),
        "subject": outcome.subject,
        "written": list(outcome.written),
        "recorded": _arrival(kept.arrivals.get(outcome.reference)),
    }


def _arrival(arrival: RecordedArrival | None) -> Json | None:
    """Return what the provider said then, which is kept for some days."""
    if arrival is None:
        return None
    return {"until": _at(arrival.expires), "claims": dict(arrival.identity.claims)}


def _event(event: AuditEvent) -> Json:
    kind = event.actor.partition(":")[0]
    return {
        "at": _at(event.at),
        "action": event.action.value,
        "by": "you" if event.actor == event.target else kind,
        "reference": event.reference,
        "about": dict(event.about),
    }


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment is not None else None
