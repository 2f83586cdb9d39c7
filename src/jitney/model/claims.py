"""Claims as a provider states them, and the tables that map them to local attributes and roles."""

from collections.abc import Mapping
from dataclasses import dataclass

ClaimScalar = str | int | float | bool | None
ClaimValue = ClaimScalar | list["ClaimValue"] | dict[str, "ClaimValue"]
"""A value of a JSON claim set, or the text of a SAML attribute; a list stays a list end to end."""

Claims = Mapping[str, ClaimValue]
"""Claims by their remote name, exactly as the provider sent them."""

Attributes = Mapping[str, tuple[str, ...]]
"""Local attributes by name; every attribute may hold several values, in the order received."""


@dataclass(frozen=True, slots=True)
class ClaimMapping:
    """One row of the claim table: remote claim → local attribute.

    ``default`` stands in for a remote value that is absent or blank; ``None`` means that there is none.
    """

    remote: str
    local: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class RoleMapping:
    """One row of the role table: an exact remote value → a local role (R-037)."""

    remote: str
    local: str


@dataclass(frozen=True, slots=True)
class MappingTable:
    """How one identity provider's claims become local attributes, a wanted name and roles.

    ``claims`` empty means the built-in table of standard claims.
    ``user_id_claim`` names the claim that holds the wanted user name, ``role_claim`` the one that holds roles.
    ``role_separator`` splits a single string of roles; empty means that a string is one value.
    """

    claims: tuple[ClaimMapping, ...] = ()
    user_id_claim: str | None = None
    role_claim: str | None = None
    role_separator: str = ""
    roles: tuple[RoleMapping, ...] = ()
