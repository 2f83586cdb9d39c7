"""What a page asks: PromptMode × what is missing → PromptForm, an unproven match → ProofForm; and its answers."""

from collections.abc import Mapping
from itertools import filterfalse, islice

from jitney.model.consent import Purpose
from jitney.model.federated_identity import FederatedIdentity
from jitney.provisioning.answer_checks import find_problems
from jitney.provisioning.claim_mapping import NEVER_MAPPED, VERIFIED_FLAGS, Mapped
from jitney.provisioning.consent import listed_attributes, may_be_declined, with_flags
from jitney.provisioning.facts import Agreement, Answers, Candidate, Facts
from jitney.provisioning.naming import Named
from jitney.provisioning.plan import wanted_roles
from jitney.provisioning.prompt_forms import (
    AskedAttribute,
    AskedConsent,
    AskedPurpose,
    PromptForm,
    ProofForm,
)
from jitney.provisioning.store_rules import StoreRules

MOST_IGNORED = 20
"""How many names of fields that nobody asked for are kept."""

LONGEST_IGNORED = 60
LONGEST_LABEL = 100


def prompt_form(facts: Facts, mapped: Mapped, named: Named, rules: StoreRules) -> PromptForm:
    """Make the form of the policy's mode as it stands now, filled with what was typed and with what was wrong.

    A password is never put back into a form (R-028).
    """
    answers = facts.reply or Answers()
    asked = tuple(
        AskedAttribute(
            name, answers.attributes.get(name, ""), required=not may_be_declined(name, facts.purposes)
        )
        for name in asked_attributes(facts, mapped)
    )
    typed = {one.name: (one.typed,) for one in asked if one.typed}
    unlisted = with_flags(listed_attributes(facts.purposes))
    return PromptForm(
        mode=facts.idp.policy.prompt_mode,
        account=account_label(mapped, facts.identity),
        username=named.username,
        store=rules.description,
        attributes={name: texts for name, texts in mapped.attributes.items() if name not in unlisted},
        roles=wanted_roles(facts, mapped, named.username.domain)[0],
        missing=asked,
        purposes=tuple(
            _asked_purpose(purpose, {**typed, **mapped.attributes}, answers) for purpose in facts.purposes
        ),
        may_link=_may_link(facts),
        problems=find_problems(facts, named, asked, rules),
    )


def proof_form(facts: Facts, mapped: Mapped, candidate: Candidate | None) -> ProofForm | None:
    """Make the form by which an account is proven; ``None`` where it cannot be proven in any way.

    Without a candidate the person says that there is an account, and which one shows only by the proof.
    """
    account = account_label(mapped, facts.identity)
    if candidate is None:
        return ProofForm(account, matched=False, password=True, providers=facts.others)
    linked = {link.idp for link in candidate.links}
    providers = tuple(other for other in facts.others if other.id in linked)
    if not (candidate.user.has_password or providers):
        return None
    return ProofForm(account, matched=True, password=candidate.user.has_password, providers=providers)


def asked_attributes(facts: Facts, mapped: Mapped) -> tuple[str, ...]:
    """Return the attributes that the application requires, that came without a value, and that a person may give.

    The attack (R-019): a form that could set a flag, an id or a role would let everybody verify themselves.
    """
    return tuple(
        name for name in dict.fromkeys(facts.required_attributes)
        if not mapped.attributes.get(name) and name not in NEVER_MAPPED and name not in VERIFIED_FLAGS
    )  # fmt: skip


def typed_attributes(facts: Facts, mapped: Mapped) -> dict[str, str]:
    """Return what the person typed for the attributes that were asked for, and for no others."""
    answers = facts.reply or Answers()
    return {
        name: answers.attributes[name]
        for name in asked_attributes(facts, mapped)
        if name in answers.attributes
    }


def read_answers(form: PromptForm, posted: Mapping[str, str]) -> Answers:
    """Take from a post what this form asks for, and nothing else (R-019).

    White space around a name or an attribute is a slip of the keyboard and is left out; a password is taken as
    it was typed.
    """
    asked = {name: text for name, text in posted.items() if name in form.fields}
    boxes = (box for purpose in form.purposes for box in purpose.consents)
    attributes = {one.name: asked[one.field].strip() for one in form.missing if one.field in asked}
    return Answers(
        username=asked["username"].strip() if "username" in asked else None,
        password=asked.get("password"),
        password_again=asked.get("password_again"),
        attributes=attributes,
        agreements=frozenset(
            Agreement(box.purpose, _version(asked[box.field]), box.attribute)
            for box in boxes if asked.get(box.field)
        ),
        shown={
            one.id: _version(asked[one.field]) for one in form.purposes if one.field in asked
        },
        ignored=tuple(_inert(name) for name in islice(filterfalse(asked.__contains__, posted), MOST_IGNORED)),
    )  # fmt: skip


def account_label(mapped: Mapped, identity: FederatedIdentity) -> str:
    """Return how the person is called at the provider: address, user name, name, or the bare subject."""
    for name in ("email", "preferred_username", "name"):
        if texts := mapped.attributes.get(name):
            return _printable(texts[0])
    return _printable(identity.subject)


def _may_link(facts: Facts) -> bool:
    """Say whether the page offers to prove an account: any, with linking on; else the one of the wanted name."""
    is_namesake = facts.target.name_owner is not None and facts.reply is None
    return facts.idp.policy.linking.enabled or (facts.server.equal_name_may_link and is_namesake)


def _asked_purpose(purpose: Purpose, values: Mapping[str, tuple[str, ...]], answers: Answers) -> AskedPurpose:
    boxes = tuple(
        AskedConsent(
            purpose.id, purpose.version, wanted.name, wanted.mandatory, values.get(wanted.name, ()),
            ticked=Agreement(purpose.id, purpose.version, wanted.name) in answers.agreements,
        )
        for wanted in purpose.attributes
    )  # fmt: skip
    return AskedPurpose(purpose.id, purpose.version, purpose.name, purpose.description, boxes)


def _version(text: str) -> int:
    """Read the version under which a box was ticked; 0, which no purpose has, where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _inert(name: str) -> str:
    return ascii(name[:LONGEST_IGNORED])[1:-1][:LONGEST_IGNORED]


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:LONGEST_LABEL]
