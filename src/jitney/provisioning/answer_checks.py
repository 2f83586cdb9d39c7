"""What is wrong with an answer, field by field; nothing that was typed is quoted."""

from collections.abc import Iterable

from jitney.errors import InvalidInput
from jitney.model.outcome import Reason
from jitney.model.user import Username
from jitney.provisioning.claim_limits import parse_single
from jitney.provisioning.consent import listed_attributes
from jitney.provisioning.facts import Answers, Facts
from jitney.provisioning.naming import Named
from jitney.provisioning.prompt_forms import AskedAttribute, Problem
from jitney.provisioning.sentences import PROBLEMS
from jitney.provisioning.store_rules import StoreRules, Violation, password_violation

FORM = "form"
"""The name under which a problem stands that belongs to no single field."""

MAX_EMAIL = 254
"""How many characters an e-mail address may have (RFC 5321 4.5.3.1.3, without the brackets)."""

Found = dict[str, Problem]


def find_problems(facts: Facts, named: Named, asked: Iterable[AskedAttribute], rules: StoreRules) -> Found:
    """Find what will not do: of the name at first sight already, of the rest only in what was answered."""
    found: Found = {"username": _of_violation(named.objection)} if named.objection else {}
    answers = facts.reply
    if answers is None:
        return found
    if facts.idp.policy.prompt_mode.asks_password:
        found |= _store_says(facts) | _password_problems(answers, named.username, rules)
    listed = listed_attributes(facts.purposes)
    agreed = {one.attribute for one in answers.agreements}
    for attribute in asked:
        is_agreed = attribute.name not in listed or attribute.name in agreed
        if code := _attribute_problem(
            attribute, answers.attributes.get(attribute.name, ""), is_agreed=is_agreed
        ):
            found[attribute.field] = _problem(code)
    return found | ({FORM: _problem("purpose_changed")} if _has_read_other_words(facts, answers) else {})


def _password_problems(answers: Answers, username: Username, rules: StoreRules) -> Found:
    password = answers.password
    if not password:
        return {"password": _problem("password_missing")}
    found: Found = {}
    if violation := password_violation(password, rules):
        found["password"] = _of_violation(violation)
    elif password.casefold() in {username.name.casefold(), username.key.casefold()}:
        found["password"] = _problem("password_is_user_name")
    if password != answers.password_again:
        found["password_again"] = _problem("passwords_differ")
    return found


def _store_says(facts: Facts) -> Found:
    """Return what the store has just said of the password, whose rules only it knows."""
    is_of_password = facts.setback is not None and facts.setback.code == "user_store_rejects_password"
    return {"password": _problem("user_store_rejects_password")} if is_of_password else {}


def _attribute_problem(asked: AskedAttribute, typed: str, *, is_agreed: bool) -> str | None:
    """Hold what a person typed to the limits that a provider's word is held to (R-029).

    What they typed and agreed to store for nothing is told to them, and never dropped in silence.
    """
    name = asked.name
    if not typed and not asked.required and not is_agreed:
        return None
    try:
        text = parse_single(typed, claim=name, attribute=name)
    except InvalidInput as fault:
        return fault.code.replace("claim_", "attribute_", 1)
    if text is None:
        return "attribute_missing"
    if name == "email" and not is_address(text):
        return "email_malformed"
    return None if is_agreed or asked.required else "attribute_not_agreed"


def is_address(text: str) -> bool:
    """Say whether a text is shaped like an e-mail address; whether mail arrives there is another question."""
    local, at, domain = text.rpartition("@")
    return (
        bool(at and local)
        and len(text) <= MAX_EMAIL
        and text.isprintable()
        and not set(text) & set(' \\"<>(),;:[]')
        and "@" not in local
        and all(domain.split("."))
        and all(local.split("."))
    )


def _has_read_other_words(facts: Facts, answers: Answers) -> bool:
    """Say whether the purposes have changed since they were read (R-036).

    A box that was ticked under other words shows it. One that was left empty shows nothing, and a purpose that is
    new has no box on the page at all: so a page that says what it has shown must have shown all of today's, or the
    receipt would name as declined what nobody was asked.
    """
    today = {purpose.id: purpose.version for purpose in facts.purposes}
    ticked = any(one.version != today.get(one.purpose) for one in answers.agreements)
    return ticked or (bool(answers.shown) and dict(answers.shown) != today)


def _of_violation(violation: Violation) -> Problem:
    """Show the store's own sentence, if it has one; who holds a name is no page's business (R-010)."""
    code = violation.reasons[-1].code
    return Problem(Reason(code), violation.sentence or PROBLEMS[code])


def _problem(code: str) -> Problem:
    return Problem(Reason(code), PROBLEMS[code])
