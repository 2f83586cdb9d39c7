"""The fields of a SAML connection."""

from typing import Final

from jitney.web.console.record_forms import Choice, Column, Field, Kind

_BINDINGS: Final = (Choice("redirect", "HTTP-Redirect"), Choice("post", "HTTP-POST"))
_ENDPOINT: Final = (
    Column("binding", "Binding", _BINDINGS),
    Column("url", "Address"),
    Column("response_url", "Answers, if elsewhere"),
)
_IMPORTED: Final = "Metadata fill this in; what is typed here holds until they are read again."

SAML: Final = (
    Field(
        "connection.metadata_url", "Metadata address", placeholder="https://login.acme.example/metadata",
        sentence="Where its metadata are fetched, and fetched again from time to time.",
        warning="Without a pinned certificate the metadata are believed because of this address alone.",
    ),
    Field("connection.entity_id", "Entity id", sentence=f"The provider's, exactly. {_IMPORTED}"),
    Field("connection.single_sign_on", "Where people are sent", Kind.ROWS, columns=_ENDPOINT, sentence=_IMPORTED),
    Field(
        "connection.signing_certificates", "Signing certificates (PEM)", Kind.LONG,
        sentence=f"The only ones that verify what it sends, one below the other. {_IMPORTED}",
    ),
    Field(
        "connection.name_id_format", "Name format that is asked for",
        placeholder="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        sentence="A lasting one, unless an attribute holds the immutable id.",
    ),
    Field(
        "connection.subject_attribute", "Attribute that holds the immutable id",
        sentence="Blank: the name (NameID) does. It cannot change once somebody is linked.",
    ),
)  # fmt: skip

SAML_MORE: Final = (
    Field(
        "connection.metadata_certificates", "Certificates that sign the metadata (PEM)", Kind.LONG,
        sentence="Where given, only metadata that one of these has signed are believed.",
    ),
    Field(
        "connection.metadata_hours", "Hours between fetches", Kind.NUMBER, required=True, sentence="1 to 168.",
    ),
    Field(
        "connection.service_provider_id", "Our entity id",
        sentence="Blank: the address of our metadata for this provider.",
    ),
    Field(
        "connection.request_binding", "How requests travel", Kind.SELECT, choices=_BINDINGS,
    ),
    Field("connection.signs_requests", "Sign requests", Kind.SWITCH, sentence="With our own key."),
    Field(
        "connection.force_authn", "Demand a fresh sign-in each time", Kind.SWITCH,
        sentence="Nobody comes in by a session that they still have there.",
    ),
    Field(
        "connection.authn_contexts", "How people shall have signed in there", Kind.LINES,
        placeholder="urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
        sentence="Class references, one on each line.",
    ),
    Field(
        "connection.context_comparison", "How those compare", Kind.SELECT,
        choices=tuple(Choice(name, name) for name in ("exact", "minimum", "maximum", "better")),
        sentence="With exact the answer must name one of them.",
    ),
    Field(
        "connection.attribute_consuming_service_index", "Index of the set of attributes", Kind.NUMBER,
        sentence="Which set is asked for, where the provider knows several.",
    ),
    Field(
        "connection.signed", "What must bear a signature", Kind.SELECT,
        choices=(
            Choice("either", "The assertion is covered by one"),
            Choice("assertion", "The assertion itself"),
            Choice("response", "The response"),
            Choice("both", "Both"),
        ),
    ),
    Field(
        "connection.wants_encryption", "Refuse assertions in the clear", Kind.SWITCH,
        sentence="Only what is encrypted for our key is taken.",
    ),
    Field(
        "connection.clock_skew", "Clock difference in seconds", Kind.NUMBER, required=True,
        sentence="By how much its clock may differ from ours, 0 to 60.",
    ),
    Field(
        "connection.mutable_subject_allowed_risky", "Let an e-mail address tell people apart", Kind.SWITCH,
        sentence="Only where the provider has nothing better.",
        warning="Whoever is given somebody's old address opens their account.",
    ),
    Field(
        "connection.sha1_allowed_risky", "Accept signatures with SHA-1", Kind.SWITCH,
        sentence="Only where the provider has nothing better.",
        warning="Signatures with SHA-1 can be forged by whoever has the means.",
    ),
    Field(
        "connection.idp_initiated", "Take responses that nobody asked for", Kind.SWITCH,
        sentence="They lead to an application, which then begins the sign-in.",
        warning="People may arrive whom no application of ours has sent there.",
    ),
    Field(
        "connection.relay_states", "Where those lead", Kind.PAIRS, placeholder="portal = shop",
        sentence="RelayState = the id of an application, one on each line.",
    ),
    Field("connection.default_application", "Application for all others", sentence="Its id."),
    Field(
        "connection.extra_parameters", "Extra parameters", Kind.PAIRS, sentence="name = value, one on each line."
    ),
)  # fmt: skip

SAML_LOGOUT: Final = (
    Field(
        "connection.single_logout", "Where sign-outs are sent", Kind.ROWS, columns=_ENDPOINT, sentence=_IMPORTED,
    ),
)  # fmt: skip

CERTIFICATES: Final = ("connection.signing_certificates", "connection.metadata_certificates")
"""Fields that hold several PEM texts in one."""

PASSES_LOGOUT_ON: Final = Field(
    "connection.passes_logout_on", "Sign people out there too", Kind.SWITCH,
    sentence="Who signs out here is sent to the provider to sign out there, and comes back.",
)  # fmt: skip
