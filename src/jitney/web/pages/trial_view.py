"""What an operator's trial of a provider has shown: received → … → would be written, and what follows from it."""

import json
from collections.abc import Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from jitney.model.diagnosis import Finding
from jitney.signin.application_trial import TriedApplication
from jitney.signin.journey import Tried
from jitney.web.kit.rehearsal_cards import cards_of
from jitney.web.kit.render import Pages
from jitney.web.kit.told_rows import told_rows


def trial_page(pages: Pages, http: Request, tried: Tried) -> Response:
    """Return the page; it is for the operator who began the trial, and shows what nobody else sees."""
    fault, idp = tried.fault, tried.provider
    return pages.page(
        http,
        "trial.html",
        provider=idp.display_name,
        is_switched_off=not idp.enabled,
        towards=_towards(tried),
        back=f"/console/identity-providers/{quote(idp.name, safe='')}/test",
        cards=cards_of(tried.identity, tried.rehearsed) if tried.identity else (),
        fault={"code": fault.code, "sentence": fault.sentence, "about": _json(fault.details)}
        if fault
        else None,
    )


def _towards(tried: Tried) -> Mapping[str, object] | None:
    """Return what the page says of the application, where the provider was tried on behalf of one."""
    application, found = tried.application, tried.towards
    if application is None or found is None:
        return None
    return {
        "name": application.name,
        "comes_in": found.comes_in,
        "verdict": _verdict(found),
        "steps": found.steps,
        "told": told_rows(found),
        "back": f"/console/applications/{quote(application.id, safe='')}/try",
    }


def _verdict(found: TriedApplication) -> str:
    if not found.comes_in:
        return "you would not come in"
    is_settled = all(step.finding is Finding.GOOD for step in found.steps)
    return "you would come in" if is_settled else "you would come in after one more step"


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False, sort_keys=True, default=str)
