"""Which names an attribute may have where an operator lists attributes for people to give or agree to (pure)."""

import re

from jitney.provisioning.claim_mapping import NEVER_MAPPED, VERIFIED_FLAGS

_SHAPE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")

NOT_IDENTIFYING = frozenset(
    {
        "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile",
        "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "address",
    }
)  # fmt: skip
"""Standard attributes that many people share or that anybody may choose: none of them tells who somebody is."""


def find_name_fault(name: str) -> str | None:
    """Say why a page may not ask for this attribute, ``None`` where it may.

    The attack (C26): an application that requires ``email_verified`` or ``roles`` has the form ask for it,
    and whoever fills in the form vouches for an address or gives themselves a role.
    """
    if name in VERIFIED_FLAGS:
        return f"{name} tells what was verified: it comes and goes with {VERIFIED_FLAGS[name]}, unasked."
    if name in NEVER_MAPPED:
        return f"{name} is no attribute: it is an id, a name, a password, a grant or a part of our tokens."
    if _SHAPE.fullmatch(name) is None:
        return "An attribute's name has 1 to 100 letters, digits and the characters _ . -, a letter first."
    return None


def find_lookup_fault(name: str) -> str | None:
    """Say why an existing user may not be looked up by this attribute, ``None`` where they may (R-002).

    The attack: a policy that looks people up by ``nickname`` hands an account to whoever takes that nickname.
    """
    if name in NOT_IDENTIFYING or name.startswith("address."):
        return f"{name} does not tell who somebody is; use one that only one person has, such as email."
    return find_name_fault(name)
