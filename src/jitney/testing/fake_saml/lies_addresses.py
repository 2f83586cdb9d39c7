"""Lies about whom a message is from, for whom it is meant, and what it answers, under a genuine signature."""

from dataclasses import replace
from datetime import datetime, timedelta

from jitney.testing.fake_saml import names
from jitney.testing.fake_saml.documents import Element, found
from jitney.testing.fake_saml.facts import ResponseFacts, new_id
from jitney.testing.fake_saml.lies import Part, Stage, lie, oddity
from jitney.testing.fake_saml.names import SAML, of

ELSEWHERE = "https://elsewhere.example"
HOUR = timedelta(hours=1)


def ours(facts: ResponseFacts) -> str:
    """Return the service provider's entity id, as it was asked for."""
    return facts.assertion.audiences[0][0]


def now_in(facts: ResponseFacts) -> datetime:
    """Return the time at which the honest message is issued."""
    moment = facts.issued
    if not isinstance(moment, datetime):
        raise TypeError("the honest time is a time")
    return moment


def confirmed(facts: ResponseFacts, **changes: object) -> ResponseFacts:
    """Return the same with another confirmation of the subject."""
    return replace(facts, assertion=facts.assertion.confirmed(**changes))


# ── for whom ────────────────────────────────────────────────────────────────────────────────────────


@lie(Stage.FACTS)
def wrong_audience(facts: ResponseFacts) -> ResponseFacts:
    """The assertion is meant for another service provider; R-063."""
    return facts.asserting(audiences=((ELSEWHERE,),))


@lie(Stage.FACTS)
def several_wrong_audiences(facts: ResponseFacts) -> ResponseFacts:
    """The assertion is meant for several others; R-063."""
    return facts.asserting(audiences=((ELSEWHERE, f"{ELSEWHERE}/2"),))


@lie(Stage.FACTS)
def audience_with_slash(facts: ResponseFacts) -> ResponseFacts:
    """The audience has a slash too many; R-063: exactly."""
    return facts.asserting(audiences=((ours(facts) + "/",),))


@lie(Stage.FACTS)
def audience_that_begins_alike(facts: ResponseFacts) -> ResponseFacts:
    """The audience begins as ours does; R-063: exactly."""
    return facts.asserting(audiences=((ours(facts) + ".elsewhere.example",),))


@lie(Stage.FACTS)
def no_audience(facts: ResponseFacts) -> ResponseFacts:
    """The assertion is meant for anybody; R-063."""
    return facts.asserting(audiences=())


@lie(Stage.FACTS)
def empty_audience_restriction(facts: ResponseFacts) -> ResponseFacts:
    """The assertion is restricted to nobody; R-063."""
    return facts.asserting(audiences=((),))


@lie(Stage.FACTS)
def second_restriction_is_foreign(facts: ResponseFacts) -> ResponseFacts:
    """Of two restrictions one does not name us; both must (SAML Core 2.5.1.4)."""
    return facts.asserting(audiences=((ours(facts),), (ELSEWHERE,)))


@lie(Stage.FACTS)
def wrong_recipient(facts: ResponseFacts) -> ResponseFacts:
    """The bearer is to show the assertion elsewhere; R-063."""
    return confirmed(facts, recipient=f"{ELSEWHERE}/acs")


@lie(Stage.FACTS)
def recipient_of_another_provider(facts: ResponseFacts) -> ResponseFacts:
    """The recipient is our address for another provider; R-064."""
    return confirmed(facts, recipient=(facts.destination or "").replace("/acs", "-two/acs"))


@lie(Stage.FACTS)
def no_recipient(facts: ResponseFacts) -> ResponseFacts:
    """The bearer may show the assertion anywhere; R-063."""
    return confirmed(facts, recipient=None)


@lie(Stage.FACTS, signs=Part.RESPONSE)
def wrong_destination(facts: ResponseFacts) -> ResponseFacts:
    """The response is addressed elsewhere; R-063."""
    return replace(facts, destination=f"{ELSEWHERE}/acs")


@lie(Stage.FACTS)
def wrong_unsigned_destination(facts: ResponseFacts) -> ResponseFacts:
    """The response, whose assertion alone is signed, is addressed elsewhere; R-063."""
    return replace(facts, destination=f"{ELSEWHERE}/acs")


@lie(Stage.FACTS, signs=Part.RESPONSE)
def no_destination(facts: ResponseFacts) -> ResponseFacts:
    """The signed response is addressed to nobody; SAML Bindings 3.5.5.2, R-063."""
    return replace(facts, destination=None)


# ── by whom ─────────────────────────────────────────────────────────────────────────────────────────


@lie(Stage.FACTS)
def wrong_response_issuer(facts: ResponseFacts) -> ResponseFacts:
    """The response is another provider's; R-063, R-064."""
    return replace(facts, issuer=ELSEWHERE)


@lie(Stage.FACTS)
def wrong_assertion_issuer(facts: ResponseFacts) -> ResponseFacts:
    """The assertion is another provider's; R-063, R-064."""
    return facts.asserting(issuer=ELSEWHERE)


@lie(Stage.FACTS, signs=Part.BOTH)
def no_response_issuer(facts: ResponseFacts) -> ResponseFacts:
    """The signed response does not say whose it is; SAML Profiles 4.1.4.2, R-063."""
    return replace(facts, issuer=None)


@lie(Stage.FACTS)
def no_assertion_issuer(facts: ResponseFacts) -> ResponseFacts:
    """The assertion does not say whose it is; R-063."""
    return facts.asserting(issuer=None)


@lie(Stage.FACTS)
def issuer_with_slash(facts: ResponseFacts) -> ResponseFacts:
    """The assertion's issuer has a slash too many; R-063: exactly."""
    return facts.asserting(issuer=f"{facts.issuer}/")


@lie(Stage.FACTS)
def issuer_with_space(facts: ResponseFacts) -> ResponseFacts:
    """The assertion's issuer has a space at its end; R-063: exactly."""
    return facts.asserting(issuer=f"{facts.issuer} ")


@lie(Stage.FACTS)
def issuer_in_capitals(facts: ResponseFacts) -> ResponseFacts:
    """The assertion's issuer is written in capitals; R-063: exactly."""
    return facts.asserting(issuer=(facts.issuer or "").upper())


@lie(Stage.FACTS)
def empty_issuer(facts: ResponseFacts) -> ResponseFacts:
    """The assertion's issuer is empty; R-063."""
    return facts.asserting(issuer="")


@lie(Stage.TREE)
def issuer_of_another_format(root: Element) -> None:
    """The assertion's issuer says that it is a persistent name; SAML Profiles 4.1.4.2 allows an entity only."""
    found(root, "saml:Assertion/saml:Issuer").set("Format", names.PERSISTENT)


@oddity(Stage.TREE)
def issuer_is_an_entity(root: Element) -> None:
    """The issuers say that they are entities, which they are anyway."""
    for issuer in root.iter(of(SAML, "Issuer")):
        issuer.set("Format", names.ENTITY)


@lie(Stage.FACTS)
def no_unsigned_response_issuer(facts: ResponseFacts) -> ResponseFacts:
    """The response, which is not signed itself, does not say whose it is; R-063 wants to know."""
    return replace(facts, issuer=None)


@oddity(Stage.FACTS)
def audience_among_others(facts: ResponseFacts) -> ResponseFacts:
    """The assertion is meant for others and for us."""
    return facts.asserting(audiences=((ELSEWHERE, ours(facts)),))


@oddity(Stage.FACTS)
def both_restrictions_name_us(facts: ResponseFacts) -> ResponseFacts:
    """There are two restrictions, and both name us."""
    return facts.asserting(audiences=((ours(facts),), (ELSEWHERE, ours(facts))))


# ── in answer to what ───────────────────────────────────────────────────────────────────────────────


@lie(Stage.FACTS)
def no_in_response_to(facts: ResponseFacts) -> ResponseFacts:
    """Neither the response nor the confirmation answers a request; R-063, R-066."""
    return replace(confirmed(facts, in_response_to=None), in_response_to=None)


@lie(Stage.FACTS)
def another_request(facts: ResponseFacts) -> ResponseFacts:
    """Response and confirmation answer another request; R-063."""
    other = new_id()
    return replace(confirmed(facts, in_response_to=other), in_response_to=other)


@lie(Stage.FACTS)
def another_request_in_response(facts: ResponseFacts) -> ResponseFacts:
    """The response answers another request than the confirmation; R-063."""
    return replace(facts, in_response_to=new_id())


@lie(Stage.FACTS)
def another_request_in_confirmation(facts: ResponseFacts) -> ResponseFacts:
    """The confirmation answers another request than the response; R-063."""
    return confirmed(facts, in_response_to=new_id())


@lie(Stage.FACTS)
def no_request_in_response(facts: ResponseFacts) -> ResponseFacts:
    """The confirmation alone answers our request; R-063."""
    return replace(facts, in_response_to=None)


@lie(Stage.FACTS)
def no_request_in_confirmation(facts: ResponseFacts) -> ResponseFacts:
    """The response alone, which is not signed, answers our request; R-063."""
    return confirmed(facts, in_response_to=None)


@lie(Stage.FACTS, is_unsolicited=True)
def unsolicited_with_request(facts: ResponseFacts) -> ResponseFacts:
    """What nobody asked for claims to answer a request; SAML Profiles 4.1.5, R-066."""
    other = new_id()
    return replace(confirmed(facts, in_response_to=other), in_response_to=other)


@lie(Stage.FACTS, is_unsolicited=True)
def unsolicited_confirmation_with_request(facts: ResponseFacts) -> ResponseFacts:
    """What nobody asked for claims, in the confirmation alone, to answer a request; R-066."""
    return confirmed(facts, in_response_to=new_id())
