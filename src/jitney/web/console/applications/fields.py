"""The fields of an application, in the parts in which they are edited; every field stands in one, or is excused."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from jitney.model.application import Application, ClientAuthentication, SubjectType
from jitney.web.console.record_forms import Choice, Field, Kind
from jitney.web.console.record_parts import Part

MOST_BOXES: Final = 40
"""How many identity providers are shown as boxes; where there are more, their names are typed."""


NOT_EDITED: Final[Mapping[str, str]] = {
    "id": "It is given when the application is registered, and never changes: it is its client_id.",
    "version": "It grows with every change.",
    "enabled": "It has buttons of its own.",
    "secret_hash": "It follows from the secret, which is made anew under “Secret” and shown once.",
    "sign_in_policy": "It has a page of its own, rule by rule.",
}
"""Fields that stand in no part, each with the reason."""

NAME: Final = Field("name", "Name", sentence="People read it on the pages for signing in.", required=True)
REDIRECTS: Final = Field(
    "redirect_uris",
    "Redirect URIs",
    Kind.LINES,
    "One on a line, exactly as the application sends it. People are sent to no other address with a code.",
    required=True,
    placeholder="https://wiki.example.com/callback",
)
AUTHENTICATION: Final = Field(
    "authentication",
    "How the application proves who it is",
    Kind.CHOICE,
    choices=(
        Choice(
            ClientAuthentication.CLIENT_SECRET_BASIC.value,
            "A secret in the header",
            "The usual one: client_secret_basic. Jitney makes the secret, and shows it once.",
        ),
        Choice(
            ClientAuthentication.CLIENT_SECRET_POST.value,
            "A secret in the form",
            "For libraries that cannot do the other: client_secret_post.",
        ),
        Choice(
            ClientAuthentication.PRIVATE_KEY_JWT.value,
            "A key of its own",
            "The best: private_key_jwt. No secret is shared; give its public keys below.",
        ),
        Choice(
            ClientAuthentication.NONE.value,
            "Not at all",
            "For an application on a phone or in a browser, which cannot keep a secret. It always uses PKCE.",
        ),
    ),
)
KEYS: Final = Field(
    "jwks", "Its public keys", Kind.LONG, "A key set as JSON (RFC 7517). For “A key of its own” alone."
)

BASIC: Final = Part(
    "basic",
    "Basic",
    "What it is called, and where people are sent back to.",
    (
        NAME,
        REDIRECTS,
        Field(
            "post_logout_redirect_uris",
            "Addresses after signing out",
            Kind.LINES,
            "One on a line. People may be sent to these when they have signed out.",
        ),
        Field(
            "initiate_login_uri",
            "Where a sign-in begins",
            sentence="People who arrive from their provider unasked are sent here, so that the application begins.",
            placeholder="https://wiki.example.com/login",
        ),
    ),
)

PROOF: Final = Part(
    "proof",
    "Proof",
    "How Jitney knows that it is this application that asks for tokens.",
    (
        AUTHENTICATION,
        KEYS,
        Field(
            "allow_missing_pkce_risky",
            "Let it in without PKCE",
            Kind.SWITCH,
            "For an old application that cannot be changed, and has a secret.",
            warning="Whoever steals a code on its way can have it exchanged by the application for their own "
            "session.",
        ),
    ),
)

_PROVIDERS = Field(
    "identity_providers",
    "Identity providers",
    Kind.CHECKS,
    "People may come through those that are ticked. Where none is ticked, through all.",
)

_PEOPLE = (
    Field(
        "local_sign_in",
        "Accounts from here",
        Kind.SWITCH,
        "People may sign in with a user name and a password of one of our user stores.",
    ),
    Field(
        "requires_local_account",
        "Only people with an account here",
        Kind.SWITCH,
        "Who comes from a provider that does not provision is refused, in place of passing through.",
    ),
    Field(
        "required_attributes",
        "Attributes that it needs",
        Kind.LINES,
        "One on a line, such as phone_number. New people are asked for what their provider did not send.",
    ),
)

_SCOPES = (
    Choice("openid", "openid", "Who it is: sub. It is always there."),
    Choice("profile", "profile", "The name and its parts, picture, birthday, language, time zone."),
    Choice("email", "email", "The e-mail address, and whether it is verified."),
    Choice("address", "address", "The postal address."),
    Choice("phone", "phone", "The phone number, and whether it is verified."),
    Choice("roles", "roles", "The roles, and the groups of the user store."),
    Choice("offline_access", "offline_access", "Refresh tokens: it goes on when nobody is there."),
)

CLAIMS: Final = Part(
    "claims",
    "Claims",
    "What it may ask for about a person, and how long its tokens live.",
    (
        Field("scopes", "Scopes", Kind.CHECKS, "What it is told, scope by scope.", _SCOPES),
        Field(
            "subject_type",
            "The name by which it knows a person",
            Kind.CHOICE,
            choices=(
                Choice(SubjectType.PUBLIC.value, "The same for all", "Applications can compare notes."),
                Choice(
                    SubjectType.PAIRWISE.value,
                    "One of its own",
                    "Two applications cannot tell that they speak of the same person.",
                ),
            ),
            warning="Another choice makes a stranger of everybody whom the application knows already.",
        ),
        Field(
            "id_token_algorithm",
            "Signature of ID tokens",
            Kind.CHOICE,
            choices=(
                Choice("ES256", "ES256", "Small and quick."),
                Choice("RS256", "RS256", "For libraries that know no other."),
            ),
        ),
        Field("access_token_seconds", "Seconds of an access token", Kind.NUMBER, "60 to 600."),
        Field("refresh_token_seconds", "Seconds of a refresh token", Kind.NUMBER, "60 seconds to 400 days."),
    ),
)

NEW: Final = (NAME, REDIRECTS, AUTHENTICATION, KEYS)
"""What is asked when an application is registered; all else is as usual, and edited afterwards."""


def parts_for(
    provider_names: Sequence[str],
    application: Application | None = None,
    typed: Mapping[str, str] | None = None,
) -> tuple[Part, ...]:
    """Return the parts; the providers to choose from are those that there are, and those that are named already.

    ``typed`` is what was sent, from a page that may have been made when there were fewer providers, or more: it is
    read as that page was. Otherwise a list of names would come out empty, which stands for all.
    """
    named = application.identity_providers if application else ()
    names = tuple(dict.fromkeys((*provider_names, *named)))
    if (len(names) > MOST_BOXES) if typed is None else _PROVIDERS.path in typed:
        told = "One short name on a line. People may come through these; without any, through all."
        providers = replace(_PROVIDERS, kind=Kind.LINES, sentence=told)
    else:
        providers = replace(_PROVIDERS, choices=tuple(Choice(name, name) for name in names))
    people = Part("people", "People", "Who may come in, and how.", (providers, *_PEOPLE))
    return (BASIC, PROOF, people, CLAIMS)
