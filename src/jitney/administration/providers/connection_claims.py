"""Which claims may name a person, and which names of a provider's own may stand for standard claims (pure)."""

from collections.abc import Iterator, Mapping

from jitney.provisioning.claim_mapping import STANDARD_ATTRIBUTES

RENAMED_TO = frozenset(name for name in STANDARD_ATTRIBUTES if "." not in name)
"""What a claim of a provider's own may be taken for: never the subject."""

_MUTABLE_CLAIMS = frozenset(
    {
        "email", "emails", "mail", "emailaddress", "primaryemail", "login", "loginname", "username",
        "userprincipalname", "preferredusername", "upn", "uniquename", "name", "fullname", "nickname",
        "displayname", "screenname", "handle", "slug", "vanityname", "givenname", "familyname", "firstname",
        "lastname", "phone", "phonenumber", "mobile", "telephonenumber", "commonname", "cn", "sn", "surname",
        "edupersonprincipalname",
    }
)  # fmt: skip
"""Names whose values change hands, without signs between words and in lower case."""

_MUTABLE_URIS = frozenset(
    {
        "urn:oid:0.9.2342.19200300.100.1.3", "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
        "urn:oid:2.16.840.1.113730.3.1.241", "urn:oid:1.2.840.113549.1.9.1",
        "urn:oid:2.5.4.3", "urn:oid:2.5.4.4", "urn:oid:2.5.4.42", "urn:oid:2.5.4.20",
        "urn:mace:dir:attribute-def:mail", "urn:mace:dir:attribute-def:edupersonprincipalname",
    }
)  # fmt: skip
"""Attributes of directories by their object identifiers: mail, principal name, display name, names, telephone."""

_URI_BASES = (
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/", "http://schemas.xmlsoap.org/claims/",
    "http://schemas.microsoft.com/identity/claims/", "http://schemas.microsoft.com/ws/2008/06/identity/claims/",
    "urn:mace:dir:attribute-def:",
)  # fmt: skip


def is_mutable(claim: str) -> bool:
    """Say whether a claim or an attribute is known to change, or to be given to somebody else later (R-002).

    The attack: somebody leaves, their address or login name is given to a newcomer, and the newcomer opens their
    account.
    """
    lowered = claim.strip().lower()
    for base in _URI_BASES:
        lowered = lowered.removeprefix(base)
    last = lowered.rpartition(".")[2] if "urn:" not in lowered else lowered
    return lowered in _MUTABLE_URIS or _bare(last) in _MUTABLE_CLAIMS


def find_renaming_faults(claim_names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Tell what is wrong with a table of a provider's own names, under the field ``claim_names``."""
    for own, standard in claim_names.items():
        if not own.strip() or not own.isprintable():
            yield "claim_names", "A row names a claim of the provider and a standard claim."
        elif standard not in RENAMED_TO:
            yield (
                "claim_names",
                f"{own} can only stand for a standard claim such as email or email_verified, not for {standard!r}.",
            )


def _bare(name: str) -> str:
    return "".join(sign for sign in name if sign.isalnum())
