"""A rehearsed sign-in as five cards to read: received, mapped, facts, decided, would be written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from jitney.administration.records.outcome_words import says
from jitney.model.claims import ClaimValue
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import Reason
from jitney.provisioning.claim_mapping import BUILT_IN_TABLE, ClaimsRefused, Mapped, find_claim
from jitney.provisioning.decision import Refuse
from jitney.provisioning.facts import Facts
from jitney.provisioning.verdict import questions_of
from jitney.provisioning.wanted_name import NameSource
from jitney.signin.rehearsal import Rehearsed
from jitney.web.kit.rehearsal_facts import facts_found

MOST_ROWS: Final = 100
MOST_CHARACTERS: Final = 300
"""How much of one card, and of one value, a page shows."""

Rows = tuple[tuple[str, ...], ...]

DECISIONS: Final[Mapping[str, str]] = {
    "sign_in_as": "Signs in as the account that the identity is linked to.",
    "provision": "A new account is made, and the person signs in.",
    "link_to": "The identity is joined to an account that exists, and the person signs in.",
    "pass_through": "Goes on to the application without an account here.",
    "ask": "The person is asked first.",
    "refuse": "Refused: nobody comes in.",
    "settle": "Waits until the account is ready, and is decided again.",
}
"""The kind of a decision → what becomes of the person."""

_SOURCES: Final = {
    NameSource.TYPED: "typed by the person",
    NameSource.USER_ID_CLAIM: "the user id claim",
    NameSource.FEDERATED_USER_ID: "Jitney's own id for the identity (enhanced feature)",
    NameSource.TEMPLATE: "the user name template",
    NameSource.SUBJECT: "the subject, since no other rule names the person",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One step: ``rule`` says what fired there, ``heads`` and ``rows`` make its table.

    ``left_out`` is how many rows are not shown; ``empty`` stands in the place of a table without rows.
    """

    key: str
    title: str
    rule: str
    heads: tuple[str, ...]
    rows: Rows
    left_out: int = 0
    empty: str = "Nothing."


def cards_of(identity: FederatedIdentity, rehearsed: Rehearsed | None) -> tuple[Card, ...]:
    """Return the cards: what was received alone where nothing could be decided of it."""
    if rehearsed is None:
        return (_received(identity),)
    facts = rehearsed.facts
    idp = facts.idp
    return (
        _received(identity),
        _mapped(idp, facts),
        _card(
            "facts", "Facts", "What the decision may look at, and nothing else.", ("Fact", "Found"),
            facts_found(facts),
        ),
        _decided(rehearsed),
        _written(idp, rehearsed),
    )  # fmt: skip


def _received(identity: FederatedIdentity) -> Card:
    about = [("subject", shown(identity.subject), "the key of the account link")]
    if identity.authenticated_at is not None:
        at = identity.authenticated_at.isoformat(timespec="seconds")
        about.append(("signed in there at", at, ""))
    about += [
        (name, shown(text), "") for name, text in (("acr", identity.acr), ("amr", _amr(identity))) if text
    ]
    claims = [
        (printable(name), shown(value), "signed" if name in identity.signed_claims else "not signed")
        for name, value in identity.claims.items()
    ]
    rule = "Nothing is changed here: these are the provider's own names and values."
    return _card("received", "Received", rule, ("Claim", "Value", "How it came"), (*about, *claims))


def _amr(identity: FederatedIdentity) -> str | None:
    return " ".join(identity.amr) or None


def _mapped(idp: IdentityProvider, facts: Facts) -> Card:
    heads, mapped = ("Attribute here", "Value", "By which rule"), facts.mapped
    if isinstance(mapped, ClaimsRefused):
        rows = (
            ("not mapped", sentence_of(mapped.reason), about_of(mapped.reason) or "the limits of claims"),
        )
        return _card(
            "mapped", "Mapped", "The claims break a limit, and nothing of them is used.", heads, rows
        )
    wanted = ("wanted user name", shown(mapped.wanted.text), _name_rule(idp, mapped))
    attributes = [
        (
            printable(name),
            ", ".join(shown(value) for value in values),
            _source_of(name, idp, facts.identity, mapped),
        )
        for name, values in sorted(mapped.attributes.items())
    ]
    notes = [("note", sentence_of(note), about_of(note)) for note in mapped.notes]
    rule = "The claim table of the provider." if idp.mappings.claims else "The built-in claim table."
    return _card("mapped", "Mapped", rule, heads, (wanted, *attributes, _roles(idp, mapped), *notes))


def _name_rule(idp: IdentityProvider, mapped: Mapped) -> str:
    match mapped.wanted.source:
        case NameSource.USER_ID_CLAIM:
            return f"the user id claim: {idp.mappings.user_id_claim}"
        case NameSource.TEMPLATE:
            return f"the user name template: {idp.policy.username_template}"
        case source:
            return _SOURCES[source]


def _roles(idp: IdentityProvider, mapped: Mapped) -> tuple[str, str, str]:
    claim = idp.mappings.role_claim
    if claim is None:
        return "roles", "none", "no role claim is named"
    if mapped.roles is None:
        return "roles", "none", f"the role claim {claim} did not come, or was not signed"
    return (
        "roles",
        ", ".join(map(printable, mapped.roles)) or "none",
        f"the role table, from the claim {claim}",
    )


def _source_of(name: str, idp: IdentityProvider, identity: FederatedIdentity, mapped: Mapped) -> str:
    """Return which row of the claim table gave an attribute: the first whose claim came."""
    if name not in mapped.sent:
        return "nothing came: the default of the claim table, or not verified"
    rows = [row for row in idp.mappings.claims or BUILT_IN_TABLE if row.local == name]
    came = next((row for row in rows if find_claim(identity.claims, row.remote) is not None), None)
    return f"from the claim {came.remote}" if came else "from the claim table"


def _decided(rehearsed: Rehearsed) -> Card:
    decision = rehearsed.decision
    last = len(decision.reasons)
    reasons = [
        (
            str(number) + (", settled it" if number == last else ""),
            reason.code,
            sentence_of(reason),
            about_of(reason),
        )
        for number, reason in enumerate(decision.reasons, start=1)
    ]
    told: list[tuple[str, ...]] = []
    if isinstance(decision, Refuse):
        told.append(("the person reads", "", decision.sentence, ""))
    asks = questions_of(decision)
    if asks:
        told.append(("the person is asked for", "", ", ".join(map(printable, asks)), ""))
    rule = DECISIONS[rehearsed.decided]
    return _card("decided", "Decided", rule, ("Step", "Reason", "What it means", "About"), (*reasons, *told))


def _written(idp: IdentityProvider, rehearsed: Rehearsed) -> Card:
    heads, sync = ("", "What", "By whom"), idp.policy
    rows = tuple(_line(line, idp) for line in rehearsed.difference)
    rule = (
        f"Attributes: {_words(sync.attribute_sync.value)}; roles: {_words(sync.role_sync.value)}."
        if rehearsed.decided in {"sign_in_as", "link_to"}
        else "All of it in one commit, or nothing."
    )
    empty = "Nothing before the person has answered." if rehearsed.decided == "ask" else "Nothing."
    return _card("written", "Would be written", rule, heads, rows, empty=empty)


def _line(line: str, idp: IdentityProvider) -> tuple[str, str, str]:
    sign, _, rest = line.partition(" ")
    what, by, whom = rest.rpartition(", by ")
    whom = whom.replace(idp.id, idp.name)
    said = {"+": "add", "-": "take away"}.get(sign, sign)
    return (said, cut(what), cut(whom)) if by else (said, cut(rest), "")


def _card(
    key: str, title: str, rule: str, heads: tuple[str, ...], rows: Rows, *, empty: str = "Nothing."
) -> Card:
    return Card(key, title, rule, heads, rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS), empty)


def sentence_of(reason: Reason) -> str:
    """Return what a reason means to an operator, as a sentence."""
    said = says(reason.code)
    return f"{said[:1].upper()}{said[1:]}."


def about_of(reason: Reason) -> str:
    """Return what a reason is about, in a few words."""
    return cut(", ".join(f"{name}: {printable(text)}" for name, text in reason.about.items()))


def shown(value: ClaimValue) -> str:
    """Return a claim's value as JSON, so that ``true`` and ``"true"`` are told apart, cut to what a page shows."""
    return cut(printable(json.dumps(value, ensure_ascii=False)))


def printable(text: str) -> str:
    """Return a text with what would not be seen, or would turn the line around, written out."""
    return "".join(_characters(text))


def cut(text: str) -> str:
    """Return the beginning of a long text, and how long it is."""
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}… ({len(text)} characters)"


def _characters(text: str) -> Iterator[str]:
    return (letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _words(text: str) -> str:
    return text.replace("_", " ")
