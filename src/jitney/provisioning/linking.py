"""May this arrival join a user who already exists, and on what proof (jit.md 6)."""

from dataclasses import dataclass

from jitney.errors import InvalidInput
from jitney.model.account_link import LinkedBy
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.policy import AccountLookup, LinkRule
from jitney.model.user import AttributeValue, GivenBy, User
from jitney.provisioning.claim_limits import parse_single
from jitney.provisioning.claim_mapping import Mapped, find_claim
from jitney.provisioning.facts import Candidate, Facts, LocalProof

MOST_LOOKUPS = 2

Lookups = tuple[tuple[AccountLookup, str], ...]


@dataclass(frozen=True, slots=True)
class NotWanted:
    """No rule lets anybody be joined, so nobody was looked at."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody was found, and nobody proven."""


@dataclass(frozen=True, slots=True)
class Unlinkable:
    """Whoever was found must not be joined; ``code`` says why, and is the reason of the refusal."""

    code: str


@dataclass(frozen=True, slots=True)
class Unproven:
    """One user was found, and nothing proves that it is the same person."""

    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Proven:
    """One user is the same person: they have shown it, or the lookup shows it (R-006)."""

    who: Candidate | LocalProof
    linked_by: LinkedBy


Match = NotWanted | Nobody | Unlinkable | Unproven | Proven


def lookups_of(rule: LinkRule, mapped: Mapped, identity: FederatedIdentity) -> Lookups:
    """Return which values to look for in which local attributes, in order; the first that finds somebody counts.

    The federated side is a remote claim by its name, else a mapped attribute that the provider sent; a blank
    entry, and a claim without exactly one value, look for nobody.
    """
    found = ((row, _value(row.federated, mapped, identity)) for row in rule.lookups[:MOST_LOOKUPS])
    return tuple((row, value) for row, value in found if value and row.local.strip())


def judge(facts: Facts, mapped: Mapped) -> Match:
    """Judge whether the arrival may join a user, by what was found and what was proven.

    The attack (R-005): somebody registers the victim's name or address at a provider and arrives; so an equal
    name or address only ever leads to the question for proof, unless all of R-006 holds.
    """
    rule = facts.idp.policy.linking
    if rule.enabled and facts.candidates is None:
        return Unlinkable("matches_not_looked_up")
    candidates = _candidates(facts)
    if len({candidate.user.id for candidate in candidates}) > 1:
        return _judge_several(candidates, facts)
    candidate = candidates[0] if candidates else None
    if candidate is None and not rule.enabled:
        return NotWanted()
    return _judge_one(candidate, facts, mapped)


def _judge_several(candidates: tuple[Candidate, ...], facts: Facts) -> Match:
    """Judge where several were found: ambiguous, unless all but one hold an address that nobody has verified.

    The attack (R-012): somebody signs up with the victim's address, which they cannot verify, and the victim's
    own account becomes ambiguous for ever. An unverified address reserves nothing; but neither is the one that is
    left joined without a proof, for it was not the only one (R-006).
    """
    by_mail = all(row.local == "email" for row in facts.idp.policy.linking.lookups)
    holders = {one.user.id: one for one in candidates if _is_verified_here(one.user, facts)}
    if not by_mail or len(holders) != 1:
        return Unlinkable("link_ambiguous")
    (holder,) = holders.values()
    return _judge_one(holder, facts, mapped=None)


def _candidates(facts: Facts) -> tuple[Candidate, ...]:
    """Return those whom a lookup found; else, where the server says so, who holds the wanted name."""
    found = facts.candidates or ()
    if facts.idp.policy.linking.enabled and (by_lookup := _found_by("lookup", found)):
        return by_lookup
    owner = facts.target.name_owner
    if owner is None or not _may_go_by_name(facts):
        return ()
    return _found_by("equal_name", found) or (Candidate(owner, "equal_name", store=facts.target.state),)


def _found_by(way: str, found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    return tuple(candidate for candidate in found if candidate.found_by == way)


def _may_go_by_name(facts: Facts) -> bool:
    """Say whether the holder of the wanted name is somebody whom the arrival may be, and must then prove to be.

    The attack (CVE-2023-6837): somebody types the victim's user name into the sign-up page, and is joined to
    the account of that name. A typed name can only create.
    Where people choose their name, a namesake chooses another one; only who claims the account is asked to prove
    it, and with linking on they may prove any account of theirs.
    """
    if not facts.server.equal_name_may_link:
        return False
    if not facts.idp.policy.prompt_mode.asks_username:
        return True
    claims_it = facts.proof is not None or (facts.answers is not None and facts.answers.wants_link)
    return claims_it and facts.reply is None and not facts.idp.policy.linking.enabled


def _judge_one(candidate: Candidate | None, facts: Facts, mapped: Mapped | None) -> Match:
    """Judge one user or none: proof first, then whether the rule itself is proof enough.

    Without ``mapped`` nothing but a proof is enough.
    """
    proof = facts.proof
    if proof and candidate and proof.user.id != candidate.user.id:
        return Unlinkable("link_proof_of_other_account")
    if any(_is_privileged(who.user, facts) for who in (proof, candidate) if who):
        return Unlinkable("link_to_privileged")
    if proof:
        return Proven(proof, LinkedBy.PROOF)
    if candidate is None:
        return Nobody()
    return (
        Proven(candidate, LinkedBy.LOOKUP)
        if mapped and _is_vouched_for(candidate, facts, mapped)
        else Unproven(candidate)
    )


def _is_privileged(user: User, facts: Facts) -> bool:
    """Say whether a user may administer: such an account is joined by an operator, never on the way in."""
    privileged = {role.casefold() for role in facts.server.privileged_roles}
    return any(grant.name.casefold() in privileged for grant in (*user.roles, *user.groups))


def _is_vouched_for(candidate: Candidate, facts: Facts, mapped: Mapped) -> bool:
    """Say whether the lookup itself is proof: all conditions of R-006 together, and on both sides.

    The attack from outside: an address that nobody verified, or that a provider verified which has no say about
    its domain.
    The attack from inside (pre-hijacking): somebody made an account here with the victim's address beforehand,
    through a provider that vouches for anything; when the victim arrives, both would share it.
    """
    rule, email = facts.idp.policy.linking, mapped.verified_email
    if candidate.found_by != "lookup" or email is None or not rule.trusts_domain_of(email):
        return False
    hit = _lookup_that_found(candidate.user, lookups_of(rule, mapped, facts.identity))
    if hit is None or hit[0].local != "email" or not _same(hit[1], email):
        return False
    return len(candidate.user.values("email")) == 1 and _is_verified_here(candidate.user, facts)


def _lookup_that_found(user: User, lookups: Lookups) -> tuple[AccountLookup, str] | None:
    """Return the first lookup that fits the user: by it, and by no later one, they are known to be the only one."""
    fitting = (
        (row, text) for row, text in lookups if any(_same(text, one) for one in user.values(row.local))
    )
    return next(fitting, None)


def _is_verified_here(user: User, facts: Facts) -> bool:
    flags = user.attributes.get("email_verified", ())
    return len(flags) == 1 and flags[0].value == "true" and _is_trusted(flags[0], facts)


def _is_trusted(flag: AttributeValue, facts: Facts) -> bool:
    """Say whether the giver of a verified flag has a say about the domain: this provider has, by the rule."""
    giver = flag.provenance
    if giver.given_by is GivenBy.IDENTITY_PROVIDER:
        return giver.id in facts.vouchers | {facts.idp.id}
    return giver.given_by is GivenBy.OPERATOR


def _value(federated: str, mapped: Mapped, identity: FederatedIdentity) -> str | None:
    """Return the one value to look for; a default of the mapping table says nothing about the person (B7)."""
    name = federated.strip()
    claim = find_claim(identity.claims, name) if name else None
    if claim is None:
        texts = mapped.attributes.get(name, ()) if name in mapped.sent else ()
        return texts[0] if len(texts) == 1 else None
    try:
        return parse_single(claim, claim=name, attribute=name)
    except InvalidInput:
        return None


def _same(one: str, other: str) -> bool:
    """Compare as the stores look up: ASCII letters without case, all else byte for byte."""
    return _lower_ascii(one) == _lower_ascii(other)


def _lower_ascii(text: str) -> str:
    return text.encode(errors="surrogatepass").lower().decode(errors="surrogatepass")
