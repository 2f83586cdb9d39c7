"""The ordered list of checks on an authorization request."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jitney.errors import InvalidInput, JitneyError, NotAllowed
from jitney.jose.key_set import KeySet
from jitney.model.application import Application
from jitney.model.grant import AuthorizationRequest
from jitney.openid_provider.claims_parameter import parse_claims_parameter
from jitney.openid_provider.id_token_hints import verify_id_token_hint
from jitney.openid_provider.redirect_uris import is_registered
from jitney.openid_provider.released_claims import SCOPES

Pairs = Sequence[tuple[str, str]]

MAX_PARAMETERS: Final = 64
MAX_LENGTH: Final = 2048
MAX_LENGTHS: Final[Mapping[str, int]] = {
    "claims": 8 * 1024, "id_token_hint": 16 * 1024, "state": 4096, "nonce": 1024, "login_hint": 320,
    "client_id": 255, "acr_values": 512, "ui_locales": 256, "scope": 1024, "fidp": 128,
}  # fmt: skip
RESPONSE_MODES: Final = ("query", "form_post")
PROMPTS: Final = frozenset({"none", "login", "consent", "select_account"})

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_S256_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_SECONDS: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose application and way back are known, and nothing else yet.

    ``parameters`` came once each and are not empty; ``key_set`` and ``issuer`` are ours, to know an
    ID token of our own again.
    """

    parameters: Mapping[str, str]
    application: Application
    issuer: str
    key_set: KeySet

    def words(self, name: str) -> tuple[str, ...]:
        """Return a parameter that is a list of words, each word once."""
        return tuple(dict.fromkeys(self.parameters.get(name, "").split()))


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where and how an application is answered; made only once the address is known to be its own (R-079)."""

    redirect_uri: str
    response_mode: str
    state: str | None


@dataclass(frozen=True, slots=True)
class RefusedRequest:
    """A request that is refused, in a way that its application may be told."""

    address: ReturnAddress
    fault: JitneyError


# ── before the way back is known: every refusal is a page of ours ──────────────────────────────────


def parse_parameters(unverified: Pairs) -> dict[str, str]:
    """Return the parameters by name; empty ones count as absent (RFC 6749 section 3.1).

    The attack of a doubled parameter: one reader checks the first, the next one uses the last (R-089).
    Raises ``InvalidInput``: ``too_many_parameters``, ``parameter_repeated``, ``parameter_too_long``,
    ``parameter_malformed``.
    """
    if len(unverified) > MAX_PARAMETERS:
        raise InvalidInput("too_many_parameters", "The request has too many parameters.")
    parameters: dict[str, str] = {}
    for name, value in unverified:
        if name in parameters:
            raise InvalidInput("parameter_repeated", "The request names one parameter twice.", parameter=name)
        if len(value) > MAX_LENGTHS.get(name, MAX_LENGTH):
            raise InvalidInput(
                "parameter_too_long", "A parameter of the request is too long.", parameter=name
            )
        # Line ends in an answer's address or log line; marks that turn text around on a page.
        if _CONTROL.search(value):
            raise InvalidInput(
                "parameter_malformed", "A parameter of the request has characters that are not allowed.",
                parameter=name,
            )  # fmt: skip
        parameters[name] = value
    return {name: value for name, value in parameters.items() if value}


def check_application(application: Application | None) -> Application:
    """Refuse an application that nobody registered (``application_unknown``) or that is off (``_disabled``)."""
    if application is None:
        raise InvalidInput("application_unknown", "The application that sent you here is not known.")
    if not application.enabled:
        raise NotAllowed("application_disabled", "The application that sent you here is switched off.")
    return application


def return_address(parameters: Mapping[str, str], application: Application) -> ReturnAddress:
    """Return where to answer (R-078); raises ``redirect_uri_missing``, ``redirect_uri_unknown``."""
    uri = parameters.get("redirect_uri")
    if uri is None:
        raise InvalidInput("redirect_uri_missing", "The application did not say where to return to.")
    if not is_registered(uri, application):
        raise InvalidInput(
            "redirect_uri_unknown", "The application may not have answers sent to that address."
        )
    mode = parameters.get("response_mode", "query")
    return ReturnAddress(uri, mode if mode in RESPONSE_MODES else "query", parameters.get("state"))


# ── after it: every refusal goes back to the application ───────────────────────────────────────────


def check_no_request_object(asked: Asked) -> None:
    """Refuse requests wrapped in a token or fetched from an address: nobody chooses what we fetch (R-077)."""
    if "request" in asked.parameters:
        raise InvalidInput("request_not_supported", "Request objects are not supported.")
    if "request_uri" in asked.parameters:
        raise InvalidInput("request_uri_not_supported", "Requests by reference are not supported.")
    if "registration" in asked.parameters:
        raise InvalidInput("registration_not_supported", "The parameter registration is not supported.")


def check_response_type(asked: Asked) -> None:
    """Refuse all but ``code``: no implicit flow, no hybrid (R-085, R-089)."""
    response_type = asked.parameters.get("response_type")
    if response_type is None:
        raise InvalidInput("response_type_missing", "The request lacks response_type.")
    if response_type != "code":
        raise InvalidInput("response_type_not_supported", "Only the response type code is supported.")


def check_response_mode(asked: Asked) -> None:
    """Refuse ways of answering that would put a code where scripts or logs find it."""
    if asked.parameters.get("response_mode", "query") not in RESPONSE_MODES:
        raise InvalidInput("response_mode_not_supported", "That response mode is not supported.")


def check_scope(asked: Asked) -> None:
    """Refuse a request that is not for a sign-in (OIDC Core 3.1.2.1); unknown scopes are ignored."""
    if "openid" not in asked.words("scope"):
        raise InvalidInput("scope_without_openid", "The scope must contain openid.")
    if "openid" not in asked.application.scopes:
        raise NotAllowed("scope_not_allowed", "The application may not ask for this scope.")


def check_pkce(asked: Asked) -> None:
    """Refuse a request whose code could be spent by whoever steals it (R-080, RFC 7636).

    ``plain`` shows the secret on the way out; so does a challenge whose method is left out.
    """
    challenge = asked.parameters.get("code_challenge")
    method = asked.parameters.get("code_challenge_method")
    if challenge is None:
        may_miss = asked.application.allow_missing_pkce_risky and not asked.application.is_public
        if method is not None or not may_miss:
            raise InvalidInput("pkce_missing", "The request lacks a code_challenge (PKCE).")
        return
    if method != "S256":
        raise InvalidInput("pkce_method_refused", "The code_challenge_method must be S256.")
    if not _S256_CHALLENGE.fullmatch(challenge):
        raise InvalidInput("pkce_malformed", "The code_challenge is malformed.")


def check_prompt(asked: Asked) -> None:
    """Refuse prompts that nobody knows, and ``none`` together with any other (OIDC Core 3.1.2.1)."""
    prompts = asked.words("prompt")
    if not PROMPTS.issuperset(prompts):
        raise InvalidInput("prompt_unknown", "The request asks for an unknown prompt.")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidInput("prompt_contradicts", "The prompt none stands alone.")


def check_max_age(asked: Asked) -> None:
    """Refuse an age that is not a number of seconds."""
    if not _SECONDS.fullmatch(asked.parameters.get("max_age", "0")):
        raise InvalidInput("max_age_malformed", "The parameter max_age must be a number of seconds.")


def check_claims_parameter(asked: Asked) -> None:
    """Refuse a ``claims`` parameter that is not what OIDC Core 5.5 describes."""
    parse_claims_parameter(asked.parameters.get("claims"))


def check_id_token_hint(asked: Asked) -> None:
    """Refuse a hint that we did not give to this application, or one that contradicts the ``claims`` parameter."""
    hinted, wanted = _hinted_subject(asked), parse_claims_parameter(asked.parameters.get("claims")).subject
    if hinted is not None and wanted is not None and hinted != wanted:
        raise InvalidInput("subject_contradicts", "The request asks for two different people.")


Check = Callable[[Asked], None]

CHECKS: Final[tuple[Check, ...]] = (
    check_no_request_object,
    check_response_type,
    check_response_mode,
    check_scope,
    check_pkce,
    check_prompt,
    check_max_age,
    check_claims_parameter,
    check_id_token_hint,
)
"""What is checked once the way back is known, in this order; the first to refuse is the answer."""


def checked_request(asked: Asked, *, now: datetime) -> AuthorizationRequest:
    """Run the checks and return the request they let through; raises what the first refusing check raises."""
    for check in CHECKS:
        check(asked)
    parameters = asked.parameters
    requested = parse_claims_parameter(parameters.get("claims"))
    return AuthorizationRequest(
        application=asked.application.id,
        redirect_uri=parameters["redirect_uri"],
        scopes=_granted_scopes(asked.words("scope"), asked.application.scopes),
        state=parameters.get("state"),
        nonce=parameters.get("nonce"),
        code_challenge=parameters.get("code_challenge"),
        response_mode=parameters.get("response_mode", "query"),
        prompt=asked.words("prompt"),
        max_age=int(parameters["max_age"]) if "max_age" in parameters else None,
        login_hint=parameters.get("login_hint"),
        acr_values=parameters.get("acr_values"),
        ui_locales=parameters.get("ui_locales"),
        claims=requested.names,
        essential_subject=_hinted_subject(asked) or requested.subject,
        essential_acr=requested.essential_acr,
        received=now,
        home_realm=parameters.get("fidp"),
    )


def _granted_scopes(wanted: Sequence[str], registered: Collection[str]) -> tuple[str, ...]:
    return tuple(scope for scope in wanted if scope in SCOPES and scope in registered)


def _hinted_subject(asked: Asked) -> str | None:
    hint = asked.parameters.get("id_token_hint")
    if hint is None:
        return None
    verified = verify_id_token_hint(hint, key_set=asked.key_set, issuer=asked.issuer)
    if verified.application != asked.application.id:
        raise InvalidInput("id_token_hint_foreign", "The id_token_hint was given to another application.")
    return verified.subject
