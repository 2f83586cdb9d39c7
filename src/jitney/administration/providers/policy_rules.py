"""What a provisioning policy must be before it may be saved, and what of it is worth a second look (pure)."""

import re
from collections.abc import Iterator
from string import Formatter

from jitney.administration.attribute_names import find_lookup_fault
from jitney.administration.providers.surroundings import Surroundings
from jitney.model.claims import MappingTable
from jitney.model.policy import FixedPlacement, LinkRule, OnNameTaken, ProvisioningPolicy
from jitney.model.user import EVERYONE, OPERATOR_ROLES, PRIMARY
from jitney.provisioning.claim_mapping import BUILT_IN_TABLE, STANDARD_ATTRIBUTES
from jitney.provisioning.store_rules import canonical_username, username_violation
from jitney.provisioning.wanted_name import fill_template

_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{1,63}")
_CLAIM = re.compile(r"[!-~]{1,100}")

_CHANGING_CLAIMS = frozenset(
    {
        "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "nonce", "azp", "amr", "acr", "auth_time", "sid",
        "at_hash", "c_hash", "s_hash", "updated_at",
    }
)  # fmt: skip
"""Claims that are the same for everybody, or new with every token: neither tells where a person belongs."""

_SAMPLES = {
    "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace", "nickname": "ada",
    "preferred_username": "ada.lovelace", "email": "ada@acme.example", "phone_number": "+441632960000",
}  # fmt: skip
"""What a naming rule is tried out on; every other attribute is taken to be ``sample``."""


def find_policy_faults(policy: ProvisioningPolicy, surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, field by field (``linking.lookups``)."""
    if fault := _store_fault(_domain_of(policy), surroundings):
        yield "placement", fault
    yield from ((f"linking.{field}", fault) for field, fault in _linking_faults(policy.linking, surroundings))
    if policy.on_name_taken is OnNameTaken.ASK and not policy.prompt_mode.asks_username:
        yield "on_name_taken", "Only the prompt mode username_password_and_consent may ask for another name."
    if policy.username_template is not None and not _is_template(policy.username_template):
        yield (
            "username_template",
            "A template is text with attributes in braces, such as {given_name}.{family_name}.",
        )
    anchor = policy.anchor_claim
    if anchor is not None and (_CLAIM.fullmatch(anchor) is None or anchor in _CHANGING_CLAIMS):
        yield (
            "anchor_claim",
            "An anchor is a claim that stays the same for a person, such as tid, or email_domain.",
        )
    for fault in find_role_faults(set(policy.default_roles), surroundings):
        yield "default_roles", fault


def find_policy_warnings(
    policy: ProvisioningPolicy, mappings: MappingTable, surroundings: Surroundings
) -> Iterator[str]:
    """Yield sentences about what is allowed, each with the path of the field."""
    linking = policy.linking
    if linking.enabled and "*" in linking.trusted_email_domains:
        yield (
            "linking.trusted_email_domains: * believes this provider about every address in the world: "
            "whoever administers it can open any account whose address they claim."
        )
    if linking.trusted_email_domains and not any(row.local == "email" for row in linking.lookups):
        yield "linking.trusted_email_domains: no lookup is by email, so they prove nothing."
    if linking.enabled and not policy.enabled:
        yield "linking.enabled: while provisioning is off, nobody is linked either."
    if linking.enabled:
        yield from _lookup_warnings(linking, mappings, surroundings)
    yield from _naming_warnings(policy, mappings, surroundings)


def find_role_faults(roles: set[str], surroundings: Surroundings) -> Iterator[str]:
    """Refuse roles that do not exist, and those that make somebody an operator (R-038).

    The attack: whoever administers the upstream names himself a role there that a careless table turns
    into the keys of this house.
    """
    administering = {role for role in roles if role.casefold() in OPERATOR_ROLES}
    for role in sorted(administering):
        yield f"No identity provider may give the role {role.casefold()}: it opens the console of Jitney."
    # Whether there is such a group (ENG/staff) only its store can say, when somebody comes.
    outside = tuple(f"{domain}/" for domain in surroundings.stores if domain != PRIMARY)
    groups = {role for role in roles if role.startswith(outside)}
    if unknown := roles - administering - groups - surroundings.roles - {EVERYONE}:
        yield f"There is no role {', '.join(sorted(unknown))}."


def _linking_faults(linking: LinkRule, surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    if len(linking.lookups) > 2:
        yield "lookups", "At most two lookups are allowed."
    for row in linking.lookups:
        if not row.federated.strip() or not row.local.strip():
            yield "lookups", "A lookup names a federated and a local attribute."
        elif fault := find_lookup_fault(row.local):
            yield "lookups", fault
        elif domain := surroundings.repeated.get(row.local):
            yield "lookups", f"Two users of {domain} share a value of {row.local}; it must tell people apart."
    for domain in linking.trusted_email_domains:
        if domain != "*" and _DOMAIN.fullmatch(domain) is None:
            yield (
                "trusted_email_domains",
                "An e-mail domain is written in lower case, such as acme.example.",
            )


def _lookup_warnings(linking: LinkRule, mappings: MappingTable, surroundings: Surroundings) -> Iterator[str]:
    """Name the lookups that can probably find nobody: a claim or an attribute is misspelt, or never comes."""
    rows = mappings.claims or BUILT_IN_TABLE
    given = {row.local for row in rows}
    known = {"sub", mappings.user_id_claim, *STANDARD_ATTRIBUTES, *given, *(row.remote for row in rows)}
    for lookup in linking.lookups:
        if lookup.federated.strip() not in known:
            yield (
                f"linking.lookups: {lookup.federated.strip()} is no standard claim and stands in no row of the "
                "claim table; make sure that the provider sends it."
            )
        if lookup.local not in given and lookup.local in surroundings.absent:
            yield (
                f"linking.lookups: no row of the claim table gives {lookup.local}, and no user has it: "
                "nobody will be found by it."
            )


def _domain_of(policy: ProvisioningPolicy) -> str:
    """Return the store that everybody, or everybody without a domain in the name, goes into."""
    return policy.placement.domain.upper() if isinstance(policy.placement, FixedPlacement) else PRIMARY


def _store_fault(domain: str, surroundings: Surroundings) -> str | None:
    store = surroundings.stores.get(domain)
    if store is None:
        known = sorted(surroundings.stores)
        return (
            f"There is no user store {domain}; there {'are' if known[1:] else 'is only'} {', '.join(known)}."
        )
    if not store.enabled:
        return f"The user store {domain} is disabled."
    return f"The user store {domain} is read-only." if store.read_only else None


def _naming_warnings(
    policy: ProvisioningPolicy, mappings: MappingTable, surroundings: Surroundings
) -> Iterator[str]:
    """Try the naming rule out on somebody, against the rules of the store where they would go (jit.md 2)."""
    template, store = policy.username_template, surroundings.stores.get(_domain_of(policy))
    if template is not None and _is_template(template):
        mapped = {row.local for row in mappings.claims or BUILT_IN_TABLE}
        if absent := sorted(_named_in(template) - mapped):
            yield f"username_template: no row of the claim table gives {', '.join(absent)}."
    name = _sample_name(policy, mappings)
    if name is None or store is None:
        return
    username = canonical_username(store, name)
    if violation := username_violation(
        username, surroundings.rules_of(store), verified_email=_SAMPLES["email"]
    ):
        field = "username_template" if mappings.user_id_claim is None else "placement"
        said = violation.sentence or violation.reasons[-1].code
        yield f'{field}: a name such as "{name}" does not fit the user store {store.domain}: {said}'


def _sample_name(policy: ProvisioningPolicy, mappings: MappingTable) -> str | None:
    """Return a name as the naming rule would make it, ``None`` where nothing can be said beforehand."""
    if mappings.user_id_claim is not None:
        return _SAMPLES.get(mappings.user_id_claim)
    template = policy.username_template
    if template is None or not _is_template(template):
        return None
    return fill_template(template, {name: (_SAMPLES.get(name, "sample"),) for name in _named_in(template)})


def _is_template(template: str) -> bool:
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return False
    plain = all(
        name is None or (name.strip() and not form and not conversion) for _, name, form, conversion in parts
    )
    return plain and any(name for _, name, _, _ in parts) and len(template) <= 200


def _named_in(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}
