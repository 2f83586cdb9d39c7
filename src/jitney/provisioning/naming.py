"""The name that an account would get, and what speaks against it: a rule, somebody else, a blank answer."""

from dataclasses import dataclass, replace

from jitney.model.outcome import Reason
from jitney.model.policy import OnNameTaken
from jitney.model.user import User, Username
from jitney.provisioning.claim_mapping import Mapped
from jitney.provisioning.facts import Facts
from jitney.provisioning.placement import Placed, PlacementRefused
from jitney.provisioning.store_rules import StoreRules, Violation, canonical_username, username_violation
from jitney.provisioning.wanted_name import wanted_of

NAME_OCCUPIED = "user_name_taken"
"""What a store answers whose own rules say that somebody has the name, whoever that may be."""


@dataclass(frozen=True, slots=True)
class Named:
    """A canonical name; ``objection`` says why it will not do, ``may_choose`` that another one may be typed."""

    username: Username
    notes: tuple[Reason, ...] = ()
    objection: Violation | None = None
    may_choose: bool = False


def name_of(facts: Facts, mapped: Mapped, placed: Placed | PlacementRefused, rules: StoreRules) -> Named:
    """Find the name in the store of these rules; where people choose their name, an objection is no end (C13).

    Nothing of a user who holds the name is touched, and no page tells who that is (R-010).
    """
    policy, store = facts.idp.policy, rules.description
    typed = facts.reply.username if facts.reply else None
    may_choose = policy.prompt_mode.asks_username
    if may_choose and facts.reply and not (typed and typed.strip()):
        missing = Violation((Reason("user_name_missing"),))
        return Named(canonical_username(store, ""), (), missing, may_choose)
    if isinstance(placed, PlacementRefused):
        wanted = wanted_of(mapped.wanted, policy, typed=typed)
        return Named(canonical_username(store, wanted.text), (), Violation((placed.reason,)), may_choose)
    named = Named(canonical_username(store, placed.name), placed.notes, may_choose=may_choose)
    violation = username_violation(named.username, rules, verified_email=mapped.verified_email)
    if violation:
        return replace(named, objection=violation)
    owner = facts.target.name_owner
    is_occupied = facts.setback is not None and facts.setback.code == NAME_OCCUPIED
    return _when_taken(named, owner, facts, mapped, rules) if owner or is_occupied else named


def _when_taken(named: Named, owner: User | None, facts: Facts, mapped: Mapped, rules: StoreRules) -> Named:
    """Do what the policy says about a name that belongs to somebody else.

    A name that was typed is never numbered behind its person's back: they choose another (jit.md 5).
    """
    rule, free = facts.idp.policy.name_taken_rule, facts.target.free_name
    was_typed = named.may_choose and facts.reply is not None
    if rule is OnNameTaken.SUFFIX and free is not None and not was_typed:
        return _with_suffix(named, free, mapped, rules)
    taken = Violation((Reason("name_taken", {"user": owner.id} if owner else {}),))
    if rule is OnNameTaken.REFUSE or (rule is OnNameTaken.SUFFIX and not was_typed):
        return replace(named, objection=taken, may_choose=False)
    # A mode without a field for the name cannot ask for another, whatever the policy wishes.
    unheard = () if named.may_choose else (Reason("asking_not_available"),)
    return replace(named, objection=taken, notes=(*named.notes, *unheard))


def _with_suffix(named: Named, free: str, mapped: Mapped, rules: StoreRules) -> Named:
    """Take the free name; a number can make a name too long, which is no reason to cut it."""
    username = canonical_username(rules.description, free)
    violation = username_violation(username, rules, verified_email=mapped.verified_email)
    return replace(
        named, username=username, notes=(*named.notes, Reason("name_suffixed")), objection=violation
    )
