"""Lies about what a message is and whom it is about, under a genuine signature."""

import copy
from dataclasses import replace

from jitney.testing.fake_saml import names
from jitney.testing.fake_saml.documents import Element, element, found
from jitney.testing.fake_saml.facts import Attribute, Confirmation, ResponseFacts
from jitney.testing.fake_saml.lies import Stage, lie, oddity
from jitney.testing.fake_saml.lies_addresses import ELSEWHERE, confirmed, ours
from jitney.testing.fake_saml.names import SAML, SAMLP, XSI, of

# ── of what kind ────────────────────────────────────────────────────────────────────────────────────


@lie(Stage.FACTS)
def no_authn_statement(facts: ResponseFacts) -> ResponseFacts:
    """The assertion does not say that anybody signed in; R-063."""
    return facts.asserting(has_authn_statement=False)


@lie(Stage.FACTS)
def no_confirmation(facts: ResponseFacts) -> ResponseFacts:
    """The subject is confirmed by nothing; R-063."""
    return facts.asserting(confirmations=())


@lie(Stage.FACTS)
def holder_of_key(facts: ResponseFacts) -> ResponseFacts:
    """The subject is whoever holds a key, which nobody showed; R-063: bearer."""
    return confirmed(facts, method=names.HOLDER_OF_KEY)


@lie(Stage.FACTS)
def sender_vouches(facts: ResponseFacts) -> ResponseFacts:
    """The subject is whom the sender vouches for; R-063: bearer."""
    return confirmed(facts, method=names.SENDER_VOUCHES)


@oddity(Stage.FACTS)
def bearer_among_others(facts: ResponseFacts) -> ResponseFacts:
    """Beside the bearer's confirmation stands one of another kind; one that holds is enough."""
    other = Confirmation(None, None, None, method=names.SENDER_VOUCHES)
    return facts.asserting(confirmations=(other, *facts.assertion.confirmations))


@lie(Stage.FACTS)
def responder_failed(facts: ResponseFacts) -> ResponseFacts:
    """The status says that the provider failed; R-063: Success only."""
    return replace(facts, status=(names.RESPONDER,))


@lie(Stage.FACTS)
def success_within_failure(facts: ResponseFacts) -> ResponseFacts:
    """The status says failure, and inside it success; R-063: the outer one counts."""
    return replace(facts, status=(names.RESPONDER, names.SUCCESS))


@lie(Stage.FACTS)
def failure_within_success(facts: ResponseFacts) -> ResponseFacts:
    """The status says success, and inside it that the sign-in failed; R-063."""
    return replace(facts, status=(names.SUCCESS, names.AUTHN_FAILED))


@lie(Stage.FACTS)
def no_status(facts: ResponseFacts) -> ResponseFacts:
    """There is no status; the schema demands one."""
    return replace(facts, status=())


@lie(Stage.FACTS)
def status_with_space(facts: ResponseFacts) -> ResponseFacts:
    """The status is nearly success; R-063."""
    return replace(facts, status=(f"{names.SUCCESS}ful",))


@lie(Stage.SEALED)
def no_assertion(root: Element) -> None:
    """The status says success, and there is no assertion; R-060."""
    root.remove(found(root, "saml:Assertion"))


@lie(Stage.SEALED)
def assertion_not_in_place(root: Element) -> None:
    """The only assertion, signed, stands in the Extensions; R-060: a child of the response."""
    root.insert(1, element(of(SAMLP, "Extensions"), found(root, "saml:Assertion")))


@lie(Stage.FACTS)
def response_of_version_1(facts: ResponseFacts) -> ResponseFacts:
    """The response is of SAML 1.1; R-063."""
    return replace(facts, version="1.1")


@lie(Stage.FACTS)
def assertion_of_version_1(facts: ResponseFacts) -> ResponseFacts:
    """The assertion is of SAML 1.1; R-063."""
    return facts.asserting(version="1.1")


@lie(Stage.TREE)
def unknown_condition(root: Element) -> None:
    """A condition is of a kind that nobody knows, and so cannot be said to hold; SAML Core 2.5.1.1."""
    condition = element(of(SAML, "Condition"))
    condition.set(of(XSI, "type"), "saml:OneTimeUseType")
    found(root, "//saml:Conditions").append(condition)


@oddity(Stage.TREE)
def one_time_use(root: Element) -> None:
    """A condition says that the assertion is to be used once, as we use each of them anyway."""
    found(root, "//saml:Conditions").append(element(of(SAML, "OneTimeUse")))


@lie(Stage.FACTS)
def context_not_asked_for(facts: ResponseFacts) -> ResponseFacts:
    """The person signed in by another context than the one that was demanded exactly; SAML Core 3.3.2.2.1."""
    return facts.asserting(context="urn:oasis:names:tc:SAML:2.0:ac:classes:InternetProtocol")


# ── of whom ─────────────────────────────────────────────────────────────────────────────────────────


def _name(facts: ResponseFacts, **changes: object) -> ResponseFacts:
    name = facts.assertion.name_id
    if name is None:
        raise TypeError("the honest name is there")
    return facts.asserting(name_id=replace(name, **changes))


@lie(Stage.FACTS)
def transient_name(facts: ResponseFacts) -> ResponseFacts:
    """The name is another one next time, and so nobody's; R-001."""
    return _name(facts, format=names.TRANSIENT)


@lie(Stage.FACTS)
def address_as_name(facts: ResponseFacts) -> ResponseFacts:
    """The name is an e-mail address, which may be another person's tomorrow; R-002."""
    return _name(facts, format=names.EMAIL, text="ada@acme.example")


@oddity(Stage.FACTS)
def unspecified_name(facts: ResponseFacts) -> ResponseFacts:
    """The name's format is not specified, as ADFS likes it."""
    return _name(facts, format=names.UNSPECIFIED)


@oddity(Stage.FACTS)
def name_of_no_format(facts: ResponseFacts) -> ResponseFacts:
    """The name has no format."""
    return _name(facts, format=None)


@oddity(Stage.FACTS)
def name_qualified_asours(facts: ResponseFacts) -> ResponseFacts:
    """The name's qualifiers name the provider and us, which changes nothing; R-001."""
    return _name(facts, qualifier=facts.issuer, sp_qualifier=ours(facts))


@oddity(Stage.FACTS)
def name_qualified_otherwise(facts: ResponseFacts) -> ResponseFacts:
    """The name is one of another namespace: the same text, and another person; R-001."""
    return _name(facts, sp_qualifier=ELSEWHERE)


@oddity(Stage.FACTS)
def name_with_space(facts: ResponseFacts) -> ResponseFacts:
    """The name has a space at its end, and so is another one; R-001: the exact bytes."""
    return _name(facts, text="acme-ada ")


@oddity(Stage.FACTS)
def name_in_capitals(facts: ResponseFacts) -> ResponseFacts:
    """The name is written in capitals, and so is another one; R-001: the exact bytes."""
    return _name(facts, text="ACME-ADA")


@oddity(Stage.FACTS)
def name_like_a_qualified_one(facts: ResponseFacts) -> ResponseFacts:
    """The name's text is what a careless reader makes of a name and its qualifier; R-001."""
    return _name(facts, text=f'[null,"{ELSEWHERE}","acme-ada"]')


@oddity(Stage.FACTS)
def attribute_called_name(facts: ResponseFacts) -> ResponseFacts:
    """An attribute calls itself ``name_id``, and says another name; it is not who comes."""
    return facts.asserting(attributes=(Attribute("name_id", ("acme-mallory",)), *facts.assertion.attributes))


@lie(Stage.TREE)
def two_authn_statements(root: Element) -> None:
    """The person signed in twice, an hour apart: which of the two counts is unknown."""
    statement = found(root, "//saml:AuthnStatement")
    second = copy.deepcopy(statement)
    second.set("AuthnInstant", "2000-01-01T00:00:00Z")
    statement.addnext(second)


@lie(Stage.FACTS)
def no_subject_attribute(facts: ResponseFacts) -> ResponseFacts:
    """The attribute that holds the subject is not there; R-001."""
    return facts.asserting(attributes=facts.assertion.attributes[:1])


@lie(Stage.TREE)
def two_subject_values(root: Element) -> None:
    """The attribute that holds the subject has two values; R-001."""
    attribute = found(root, "//saml:Attribute[@FriendlyName='uid']")
    attribute.append(element(of(SAML, "AttributeValue"), text="root"))


@lie(Stage.TREE)
def subject_attribute_twice(root: Element) -> None:
    """The attribute that holds the subject is there twice, with two values; R-001."""
    attribute = found(root, "//saml:Attribute[@FriendlyName='uid']")
    second = element(of(SAML, "Attribute"), element(of(SAML, "AttributeValue"), text="root"))
    for name, value in attribute.attrib.items():
        second.set(name, value)
    attribute.addnext(second)


@lie(Stage.TREE)
def empty_subject_value(root: Element) -> None:
    """The attribute that holds the subject is empty; R-001."""
    found(root, "//saml:Attribute[@FriendlyName='uid']/saml:AttributeValue").text = None
