"""FederatedIdentity → local attributes, roles and the wanted name, with notes on all that was dropped."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jitney.errors import InvalidInput
from jitney.model.claims import Attributes, ClaimMapping, Claims, ClaimValue, MappingTable
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.outcome import Reason
from jitney.provisioning.claim_limits import MAX_ROLES, check_extent, parse_single, parse_texts
from jitney.provisioning.wanted_name import NamingRule, WantedName, choose_wanted_name

STANDARD_ATTRIBUTES = (
    "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile",
    "picture", "website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale",
    "phone_number", "phone_number_verified", "address.formatted", "address.street_address",
    "address.locality", "address.region", "address.postal_code", "address.country",
)  # fmt: skip
"""The standard claims that become attributes of the same name (OIDC Core 5.1); each has one value."""

_WS_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_SAML_NAMES: Mapping[str, tuple[str, ...]] = {
    "name": (
        "urn:oid:2.16.840.1.113730.3.1.241", "displayName", "http://schemas.microsoft.com/identity/claims/displayname",
    ),
    "given_name": ("urn:oid:2.5.4.42", "givenName", f"{_WS_CLAIMS}givenname"),
    "family_name": ("urn:oid:2.5.4.4", "sn", f"{_WS_CLAIMS}surname"),
    "email": ("urn:oid:0.9.2342.19200300.100.1.3", "mail", f"{_WS_CLAIMS}emailaddress"),
    "preferred_username": (
        "urn:oid:0.9.2342.19200300.100.1.1", "uid", f"{_WS_CLAIMS}upn", f"{_WS_CLAIMS}name",
    ),
    "locale": ("urn:oid:2.16.840.1.113730.3.1.39", "preferredLanguage"),
}  # fmt: skip
"""The names of SAML attributes for standard claims: as OID, as LDAP calls them (RFC 4519, RFC 2798), and as the
addresses that Active Directory Federation Services and Entra use.
"""

BUILT_IN_TABLE = (
    *(ClaimMapping(name, name) for name in STANDARD_ATTRIBUTES),
    *(ClaimMapping(remote, local) for local, names in _SAML_NAMES.items() for remote in names),
)
"""The claim table of a provider that has none of its own; a standard claim goes before a name of SAML."""

VERIFIED_FLAGS: Mapping[str, str] = {"email_verified": "email", "phone_number_verified": "phone_number"}
"""Flag → the attribute that it speaks of."""

_PROTOCOL_CLAIMS = frozenset({
    "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "azp", "amr", "acr", "auth_time", "sid", "typ",
    "at_hash", "c_hash", "s_hash", "scope", "client_id", "updated_at",
})  # fmt: skip

NEVER_MAPPED = _PROTOCOL_CLAIMS | {"id", "user_id", "username", "user_name", "password", "roles", "groups"}
"""Local names that no mapping may set: ids, names, passwords, grants and what tokens are made of (R-087)."""

_NAMES_IN_A_NOTE = 20


@dataclass(frozen=True, slots=True)
class Mapped:
    """What an arrival means in local words.

    ``sent`` names the attributes that came with a value, ``blank`` those whose claim came blank; an attribute
    that is in ``attributes`` and not in ``sent`` is a default, or a flag that follows from silence.
    ``roles`` are local names; ``None`` says that the role claim was absent, which is not an empty one.
    """

    attributes: Attributes
    wanted: WantedName
    sent: frozenset[str] = frozenset()
    blank: frozenset[str] = frozenset()
    roles: tuple[str, ...] | None = None
    notes: tuple[Reason, ...] = ()

    @property
    def says_nothing(self) -> bool:
        """Say whether the provider sent no attribute at all, neither with a value nor blank."""
        return not (self.sent or self.blank)

    @property
    def verified_email(self) -> str | None:
        """Return the e-mail address that the provider vouches for, if there is one."""
        values = self.attributes.get("email", ())
        return values[0] if values and self.attributes.get("email_verified") == ("true",) else None


@dataclass(frozen=True, slots=True)
class ClaimsRefused:
    """The claims break a limit, and nothing of them may be used (R-029)."""

    reason: Reason


def map_claims(
    identity: FederatedIdentity, table: MappingTable, rule: NamingRule | None = None
) -> Mapped | ClaimsRefused:
    """Map what a provider proved through its mapping table; an empty table means the built-in one.

    Never raises: claims that break a limit come back as ``ClaimsRefused``, naming the claim and no value.
    """
    try:
        check_extent(identity.claims)
        return _map(identity, table, rule or NamingRule())
    except InvalidInput as fault:
        return ClaimsRefused(
            Reason(fault.code, {key: str(text)[:100] for key, text in fault.details.items()})
        )


def _map(identity: FederatedIdentity, table: MappingTable, rule: NamingRule) -> Mapped:
    rows = tuple(row for row in table.claims or BUILT_IN_TABLE if row.local not in NEVER_MAPPED)
    found = {row.remote: find_claim(identity.claims, row.remote) for row in rows}
    values, sources = _values(rows, found)
    blank = frozenset(
        row.local for row in rows
        if row.local not in values and row.local not in VERIFIED_FLAGS and found[row.remote] is not None
    )  # fmt: skip
    flags, flag_notes = _flags(identity, rows, sources)
    attributes = {**_defaults(rows, values), **values}
    attributes |= {flag: ("false",) for flag, of in VERIFIED_FLAGS.items() if of in attributes} | flags
    roles, role_notes = _roles(identity, table)
    user_id, id_notes = _user_id(identity.claims, table)
    wanted, name_notes = choose_wanted_name(user_id, rule, attributes, subject=identity.subject)
    dropped = [row.local for row in table.claims if row.local in NEVER_MAPPED]
    notes = (*_listed("attribute_never_mapped", dropped), *_unmapped(identity.claims, rows, table))
    return Mapped(
        attributes=attributes, wanted=wanted, sent=frozenset(values) | frozenset(flags), blank=blank,
        roles=roles, notes=(*notes, *flag_notes, *role_notes, *id_notes, *name_notes),
    )  # fmt: skip


def find_claim(claims: Claims, remote: str) -> ClaimValue:
    """Find a claim by its exact name, else by a path through objects (``address.locality``); null is absent.

    OIDC Core 5.3.2: a claim that is not returned is omitted rather than present with a null value.
    """
    if remote in claims:
        return claims[remote]
    value: ClaimValue = dict(claims)
    for step in remote.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def _is_signed(identity: FederatedIdentity, remote: str) -> bool:
    top = remote if remote in identity.claims else remote.split(".")[0]
    return top in identity.signed_claims


def _values(
    rows: Iterable[ClaimMapping], found: Mapping[str, ClaimValue]
) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Return the values of each attribute, and the remote claim that they came from: the first that has text."""
    values: dict[str, tuple[str, ...]] = {}
    sources: dict[str, str] = {}
    for row in rows:
        value = found[row.remote]
        if value is None or row.local in VERIFIED_FLAGS:
            continue
        texts = _attribute_texts(row, value)
        if texts and row.local not in values:
            values[row.local], sources[row.local] = texts, row.remote
    return values, sources


def _attribute_texts(row: ClaimMapping, value: ClaimValue) -> tuple[str, ...]:
    if row.local not in STANDARD_ATTRIBUTES:
        return parse_texts(value, claim=row.remote, attribute=row.local)
    single = parse_single(value, claim=row.remote, attribute=row.local)
    return () if single is None else (single,)


def _defaults(rows: Iterable[ClaimMapping], values: Attributes) -> dict[str, tuple[str, ...]]:
    # A default never vouches for an address: a flag that is absent was not verified.
    return {
        row.local: (row.default,)
        for row in rows
        if row.default and row.local not in values and row.local not in VERIFIED_FLAGS
    }


def _flags(
    identity: FederatedIdentity, rows: tuple[ClaimMapping, ...], sources: Mapping[str, str]
) -> tuple[dict[str, tuple[str, ...]], tuple[Reason, ...]]:
    """Read the verified flags; only a boolean ``true`` from the signed document that holds the value counts.

    The attack (R-006, R-052): a provider lets people type ``"true"`` into a free text field, or UserInfo,
    which nobody signed, is changed on its way; an address is then "verified" that belongs to somebody else.
    So it is where the table takes the address from one claim, such as ``upn``, and the flag from
    ``email_verified``, which speaks of ``email``.
    """
    remotes = {row.local: row.remote for row in reversed(rows) if row.local in VERIFIED_FLAGS}
    flags: dict[str, tuple[str, ...]] = {}
    notes: list[Reason] = []
    for flag, of in VERIFIED_FLAGS.items():
        value = find_claim(identity.claims, remotes[flag]) if flag in remotes else None
        if value is None or of not in sources:
            continue
        signed = _is_signed(identity, remotes[flag]) and _is_signed(identity, sources[of])
        proven = value is True and signed and speaks_of(remotes[flag], sources[of])
        flags[flag] = ("true",) if proven else ("false",)
        if not proven and value is not False:
            notes.append(Reason("verified_flag_not_believed", {"attribute": flag}))
    return flags, tuple(notes)


def speaks_of(flag: str, claim: str) -> bool:
    """Say whether a remote flag may be about a remote claim.

    A standard flag speaks of the standard claim beside it and of no other (OIDC Core 5.1); about a flag of the
    provider's own, the administrator who mapped it has said so.
    """
    place, dot, name = flag.rpartition(".")
    return name not in VERIFIED_FLAGS or claim == f"{place}{dot}{VERIFIED_FLAGS[name]}"


def _user_id(claims: Claims, table: MappingTable) -> tuple[str | None, tuple[Reason, ...]]:
    claim = table.user_id_claim
    if not claim:
        return None, ()
    user_id = parse_single(find_claim(claims, claim), claim=claim, attribute="user_name")
    return user_id, () if user_id is not None else (Reason("user_id_claim_absent", {"claim": claim}),)


def _roles(
    identity: FederatedIdentity, table: MappingTable
) -> tuple[tuple[str, ...] | None, tuple[Reason, ...]]:
    """Map the role claim by exact match; a role from an unsigned document proves nothing (R-037, R-052)."""
    claim = table.role_claim
    value = find_claim(identity.claims, claim) if claim else None
    if claim is None or value is None:
        return None, ()
    if not _is_signed(identity, claim):
        return None, (Reason("roles_not_signed", {"claim": claim}),)
    remote = _split(value, table.role_separator)
    texts = tuple(
        text.strip() if isinstance(value, str) else text
        for text in parse_texts(remote, claim=claim, attribute="roles", limit=MAX_ROLES)
    )
    local = {row.local: None for text in texts for row in table.roles if row.remote == text}
    mapped = {row.remote for row in table.roles}
    return tuple(local), _listed("roles_unmapped", [text for text in texts if text not in mapped])


def _split(value: ClaimValue, separator: str) -> ClaimValue:
    if isinstance(value, str) and separator:
        return list[ClaimValue](value.split(separator))
    return value


def _unmapped(claims: Claims, rows: tuple[ClaimMapping, ...], table: MappingTable) -> tuple[Reason, ...]:
    used = {row.remote for row in rows} | {table.user_id_claim or "", table.role_claim or ""}
    used |= {remote.split(".")[0] for remote in used} | _PROTOCOL_CLAIMS
    return _listed("claims_unmapped", [name for name in claims if name not in used])


def _listed(code: str, names: list[str]) -> tuple[Reason, ...]:
    """Make one note that lists names, bounded; a provider chose them, so nothing unprintable stays."""
    if not names:
        return ()
    shown = ", ".join(ascii(name[:100])[1:-1] for name in names[:_NAMES_IN_A_NOTE])
    return (Reason(code, {"names": shown, "count": str(len(names))}),)
