"""Returning user: current × fresh × SyncMode → the attributes that change (jit.md 7)."""

from collections.abc import Mapping
from dataclasses import dataclass

from jitney.model.policy import SyncMode
from jitney.model.user import AttributeValue, GivenBy, Provenance
from jitney.provisioning.claim_mapping import NEVER_MAPPED, VERIFIED_FLAGS, Mapped

AttributeValues = Mapping[str, tuple[AttributeValue, ...]]
"""Attributes of a user; as a change, an empty tuple removes the attribute."""


@dataclass(frozen=True, slots=True)
class SyncTerms:
    """On whose behalf and by what rules a sync runs.

    ``spared`` are the indelible attributes; those ``mastered_locally``, and those ``withheld`` because the person
    declined them, are left as they are, and their verified flags with them.
    """

    giver: Provenance
    mode: SyncMode
    spared: frozenset[str] = frozenset()
    mastered_locally: frozenset[str] = frozenset()
    withheld: frozenset[str] = frozenset()

    @property
    def left_alone(self) -> frozenset[str]:
        """Return the attributes that a sync neither writes nor removes."""
        return self.mastered_locally | self.withheld


def first_attributes(mapped: Mapped, giver: Provenance) -> AttributeValues:
    """Return the attributes of a user who is made now, each value with its giver."""
    return {
        name: _given(texts, giver) for name, texts in mapped.attributes.items() if name not in NEVER_MAPPED
    }


def plan_attributes(current: AttributeValues, mapped: Mapped, terms: SyncTerms) -> AttributeValues:
    """Plan what a sign-in changes on a user's attributes.

    Claims of which none could be mapped change nothing, in every mode: a provider with a bad day must not
    empty its users' profiles.
    Neither name, id nor password can be among the attributes; those mastered locally stay (R-033), and those
    that the person declined are not written (R-036).
    """
    if terms.mode is SyncMode.NONE or mapped.says_nothing:
        return {}
    names = sorted({*current, *mapped.attributes, *mapped.blank} - VERIFIED_FLAGS.keys() - NEVER_MAPPED)
    left_alone = terms.left_alone
    changes: dict[str, tuple[AttributeValue, ...]] = {}
    for name in names:
        before = current.get(name, ())
        after = before if name in left_alone else _after(name, before, mapped, terms)
        if _texts(after) != _texts(before):
            changes[name] = after
    return {**changes, **_plan_flags(current, changes, mapped, terms)}


def _after(
    name: str, before: tuple[AttributeValue, ...], mapped: Mapped, terms: SyncTerms
) -> tuple[AttributeValue, ...]:
    """Say what an attribute holds after the sync; the first line that fits decides."""
    fresh = _given(mapped.attributes.get(name, ()), terms.giver)
    if name in mapped.sent:
        return fresh
    others = tuple(value for value in before if value.provenance != terms.giver)
    persons = tuple(value for value in before if value.provenance.given_by is GivenBy.PERSON)
    overriding = terms.mode is SyncMode.OVERRIDE_ALL and name not in terms.spared
    # What the person gave, on being asked for it, outlives the silence of every provider.
    if overriding:
        return persons or fresh
    if name in mapped.blank:
        # A default stands in for a blank value; else what this provider gave goes.
        return fresh if fresh and not others else _without_ours(name, before, others, terms)
    # Absent: only a default can be new.
    return before or fresh


def _without_ours(
    name: str, before: tuple[AttributeValue, ...], others: tuple[AttributeValue, ...], terms: SyncTerms
) -> tuple[AttributeValue, ...]:
    return before if name in terms.spared else others


def _plan_flags(
    current: AttributeValues, changes: AttributeValues, mapped: Mapped, terms: SyncTerms
) -> AttributeValues:
    """Plan the verified flags: a flag lives and dies with the value that it speaks of.

    The attack: the provider once verified ``me@home.example``; then the address there becomes
    ``ceo@corp.example``, unverified and with no flag at all. Were the old flag kept, it would vouch for it.
    """
    planned: dict[str, tuple[AttributeValue, ...]] = {}
    for flag, of in VERIFIED_FLAGS.items():
        before = current.get(flag, ())
        after = before
        if of in changes:
            after = _given(mapped.attributes.get(flag, ()), terms.giver) if changes[of] else ()
        elif flag in mapped.sent and _speaks_of_ours(flag, of, current, mapped, terms):
            after = _given(mapped.attributes[flag], terms.giver)
        if _texts(after) != _texts(before):
            planned[flag] = after
    return planned


def _speaks_of_ours(flag: str, of: str, current: AttributeValues, mapped: Mapped, terms: SyncTerms) -> bool:
    """Say whether a flag that was asserted may be written beside a value that stays as it is.

    It must speak of that very value; and what somebody else has verified is not taken back by this provider.
    """
    if flag in terms.left_alone or of in terms.withheld:
        return False
    if mapped.attributes.get(of) != _texts(current.get(of, ())):
        return False
    verified_by_others = any(
        value.value == "true" and value.provenance != terms.giver for value in current.get(flag, ())
    )
    return not verified_by_others


def _given(texts: tuple[str, ...], giver: Provenance) -> tuple[AttributeValue, ...]:
    return tuple(AttributeValue(text, giver) for text in texts)


def _texts(values: tuple[AttributeValue, ...]) -> tuple[str, ...]:
    return tuple(value.value for value in values)
