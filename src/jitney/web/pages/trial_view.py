"""What an operator's trial of an identity provider has shown: received → mapped → decided, on one page."""

import json
from collections.abc import Iterator, Mapping

from starlette.requests import Request
from starlette.responses import Response

from jitney.model.federated_identity import FederatedIdentity
from jitney.provisioning.claim_mapping import Mapped
from jitney.provisioning.decision import Refuse
from jitney.signin.journey import Tried
from jitney.signin.rehearsal import Rehearsed
from jitney.web.kit.render import Pages


def trial_page(pages: Pages, http: Request, tried: Tried) -> Response:
    """Return the page; it is for the operator who began the trial, and shows what nobody else sees."""
    fault = tried.fault
    return pages.page(
        http,
        "trial.html",
        provider=tried.provider,
        is_switched_off=tried.is_switched_off,
        received=_json(tried.identity.claims) if tried.identity else None,
        about=dict(_about(tried.identity)) if tried.identity else {},
        mapped=dict(_mapped(tried.rehearsed)) if tried.rehearsed else {},
        decision=dict(_decision(tried.rehearsed)) if tried.rehearsed else {},
        difference=list(tried.rehearsed.difference) if tried.rehearsed else [],
        fault={"code": fault.code, "sentence": fault.sentence, "about": _json(fault.details)}
        if fault
        else None,
    )


def _about(identity: FederatedIdentity) -> Iterator[tuple[str, str]]:
    yield "subject", identity.subject
    yield "signed claims", ", ".join(sorted(identity.signed_claims)) or "none"
    if identity.authenticated_at is not None:
        yield "signed in there at", identity.authenticated_at.isoformat(timespec="seconds")
    if identity.acr is not None:
        yield "acr", identity.acr
    if identity.amr:
        yield "amr", " ".join(identity.amr)


def _mapped(rehearsed: Rehearsed) -> Iterator[tuple[str, str]]:
    mapped = rehearsed.facts.mapped
    if not isinstance(mapped, Mapped):
        yield "not mapped", mapped.reason.code
        return
    yield "wanted user name", mapped.wanted.text
    for name, values in sorted(mapped.attributes.items()):
        yield name, ", ".join(values)
    yield "roles", ", ".join(mapped.roles or ()) or "none"


def _decision(rehearsed: Rehearsed) -> Iterator[tuple[str, str]]:
    decision = rehearsed.decision
    yield "decision", rehearsed.decided.replace("_", " ")
    if isinstance(decision, Refuse):
        yield "the person reads", decision.sentence
    for number, reason in enumerate(decision.reasons, start=1):
        about = ", ".join(f"{name}: {value}" for name, value in reason.about.items())
        yield f"reason {number}", reason.code + (f" ({about})" if about else "")


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False, sort_keys=True, default=str)
