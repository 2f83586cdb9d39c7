"""What an application would have asked for, where an operator tries it: a request that leads to no address."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from jitney.errors import InvalidInput
from jitney.model.application import Application
from jitney.model.grant import AuthorizationRequest
from jitney.signin.home_realms import ADDRESS_MAX_CHARACTERS

PROMPTS: Final = ("login", "select_account")
"""The prompts that can be tried: with ``none`` nobody would be sent to a provider at all."""

CLASSES_MAX_CHARACTERS: Final = 512


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the application would say of the sign-in beside its scopes, as an operator typed it.

    ``prompt`` is empty or one of ``PROMPTS``; ``acr_values`` are classes with spaces between.
    With ``insists`` these are an essential ``acr`` of the ``claims`` parameter instead (OIDC Core 5.5.1.1).
    """

    prompt: str = ""
    acr_values: str = ""
    insists: bool = False
    login_hint: str = field(default="", repr=False)


def request_to_try(application: Application, wishes: Wishes, now: datetime) -> AuthorizationRequest:
    """Return the request, for all scopes that the application may ask for.

    It has no redirect URI, so that nothing made from it could be sent anywhere.
    Raises ``InvalidInput`` (``form_invalid``, with fields).
    """
    _check(wishes)
    classes = tuple(wishes.acr_values.split())
    return AuthorizationRequest(
        application.id,
        "",
        application.scopes,
        prompt=(wishes.prompt,) if wishes.prompt else (),
        login_hint=wishes.login_hint.strip() or None,
        acr_values=None if wishes.insists else " ".join(classes) or None,
        essential_acr=classes if wishes.insists else (),
        received=now,
    )


def _check(wishes: Wishes) -> None:
    faults: dict[str, str] = {}
    if wishes.prompt and wishes.prompt not in PROMPTS:
        faults["prompt"] = "Either login, or select_account, or nothing."
    if not _fits(wishes.acr_values, CLASSES_MAX_CHARACTERS):
        faults["acr_values"] = "These classes are too long, or hold characters that are not seen."
    if wishes.insists and not wishes.acr_values.strip():
        faults["acr_values"] = "Say which class the application insists on."
    if not _fits(wishes.login_hint, ADDRESS_MAX_CHARACTERS):
        faults["login_hint"] = "This hint is too long, or holds characters that are not seen."
    if faults:
        raise InvalidInput("form_invalid", "The application could not ask like this.", fields=faults)


def _fits(text: str, most: int) -> bool:
    return len(text) <= most and text.isprintable()
