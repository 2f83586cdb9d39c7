"""What an application must be before it may be saved: every fault at once (pure)."""

import re
from collections.abc import Iterator

from jitney.administration.attribute_names import find_name_fault
from jitney.administration.faults_by_field import gather
from jitney.administration.sign_in_policy_rules import (
    PolicySurroundings,
    find_policy_faults,
    unknown_providers,
)
from jitney.administration.text_lengths import with_length_faults
from jitney.errors import InvalidInput
from jitney.jose.key_set import parse_key_set
from jitney.model.application import Application, ClientAuthentication
from jitney.model.redirect_uri import check_redirect_uri_registration

SCOPES = frozenset({"openid", "profile", "email", "address", "phone", "roles", "offline_access"})
ID_TOKEN_ALGORITHMS = frozenset({"ES256", "RS256"})
SECRET_METHODS = frozenset(
    {ClientAuthentication.CLIENT_SECRET_BASIC, ClientAuthentication.CLIENT_SECRET_POST}
)

SHORTEST_SECRET = 22
"""Characters: what 128 random bits need in base64url."""

MOST_REQUIRED = 20
"""How many attributes an application may require: whoever lacks them is asked for each on one page."""

_ID = re.compile(r"[A-Za-z0-9._~-]{1,100}")
_LONGEST_REFRESH = 400 * 24 * 3600


def find_faults(application: Application, surroundings: PolicySurroundings) -> dict[str, str]:
    """Return what is wrong, field by field (``sign_in_policy.rules[2].networks``); empty where all is well."""
    return with_length_faults(gather(_faults(application, surroundings)), application)


def _faults(application: Application, surroundings: PolicySurroundings) -> Iterator[tuple[str, str]]:
    if _ID.fullmatch(application.id) is None:
        yield "id", "A client id has 1 to 100 letters, digits and the characters . _ ~ -."
    if not application.name.strip() or len(application.name) > 100 or not application.name.isprintable():
        yield "name", "A name has 1 to 100 printable characters."
    if not application.redirect_uris:
        yield "redirect_uris", "At least one redirect URI is needed."
    yield from _address_faults(application)
    yield from _attribute_faults(application)
    if unknown := unknown_providers(application.identity_providers, surroundings):
        yield "identity_providers", f"There is no identity provider {', '.join(unknown)}."
    if not SCOPES.issuperset(application.scopes) or "openid" not in application.scopes:
        yield "scopes", f"Scopes are openid and any of {', '.join(sorted(SCOPES - {'openid'}))}."
    if application.id_token_algorithm not in ID_TOKEN_ALGORITHMS:
        yield "id_token_algorithm", "ID tokens are signed with ES256 or RS256."
    if not 60 <= application.access_token_seconds <= 600:
        yield "access_token_seconds", "An access token lives 60 to 600 seconds (R-084)."
    if not 60 <= application.refresh_token_seconds <= _LONGEST_REFRESH:
        yield "refresh_token_seconds", "A refresh token lives 60 seconds to 400 days."
    yield from _proof_faults(application)
    policy = find_policy_faults(application.sign_in_policy, surroundings)
    yield from ((f"sign_in_policy.{name}", text) for name, text in policy)


def _attribute_faults(application: Application) -> Iterator[tuple[str, str]]:
    names = application.required_attributes
    for name in names:
        if fault := find_name_fault(name):
            yield "required_attributes", fault
        elif names.count(name) > 1:
            yield "required_attributes", f"{name} is listed twice."
    if len(names) > MOST_REQUIRED:
        yield "required_attributes", f"An application requires at most {MOST_REQUIRED} attributes."


def _address_faults(application: Application) -> Iterator[tuple[str, str]]:
    for field in ("redirect_uris", "post_logout_redirect_uris"):
        for uri in getattr(application, field):
            try:
                check_redirect_uri_registration(uri, public=application.is_public)
            except InvalidInput as fault:
                yield field, fault.sentence
    initiate = application.initiate_login_uri
    if initiate is not None:
        try:
            check_redirect_uri_registration(initiate)
        except InvalidInput as fault:
            yield "initiate_login_uri", fault.sentence.replace("A redirect URI", "The address")


def _proof_faults(application: Application) -> Iterator[tuple[str, str]]:
    if application.is_public and application.allow_missing_pkce_risky:
        yield "allow_missing_pkce_risky", "A public application always uses PKCE (R-080)."
    by_key = application.authentication is ClientAuthentication.PRIVATE_KEY_JWT
    if not by_key:
        return
    try:
        parse_key_set((application.jwks or "").encode())
    except InvalidInput:
        yield "jwks", "private_key_jwt needs the application's public key set as JSON."
