"""The steps of a trial, and what to do about the faults that any of them may meet."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from jitney.errors import JitneyError
from jitney.model.diagnosis import Finding, Step

Trial = tuple[str, Callable[[], Awaitable[Sequence[Step]]]]
"""The name of a step and what it does; it may find several things."""

ADVICE: Final[Mapping[str, str]] = {
    "upstream_timeout": "It takes too long to answer: is it well, and may this machine reach it?",
    "upstream_unreachable": "It cannot be reached: check the host name, and whether this machine may connect.",
    "upstream_tls_failed": "Its certificate is not trusted: mend it there, or name its authority in ca_file.",
    "upstream_redirect_refused": "It answers with a redirect, which is not followed: give the address behind it.",
    "upstream_address_refused": "Its address is private, and so not called: see [outgoing] allow in the settings.",
    "upstream_url_refused": "Only https:// is called, or what [outgoing] allow in the settings names.",
    "upstream_answer_too_large": "Its answer is larger than 1 MiB: is this the right address?",
    "upstream_answer_malformed": "Its answer is not HTTP as it should be: is this the right address?",
    "discovery_failed": "There is no discovery document: is the issuer right, letter by letter?",
    "discovery_malformed": "What stands there is no JSON: is the issuer right, letter by letter?",
    "discovery_incomplete": "The discovery document lacks a member, or has one of a wrong kind.",
    "discovery_issuer_differs": "It says another issuer than the settings: copy it from there, slash by slash.",
    "discovery_endpoint_refused": (
        "An endpoint stands on another origin: if that is meant, name the origin in approved_origins."
    ),
    "key_set_failed": "There is no key set at the address that the discovery document names.",
    "key_set_malformed": "The key set is no JSON of keys.",
    "key_set_symmetric_key": "The key set publishes a shared secret: the provider must replace it.",
    "key_set_duplicate_kid": "Two keys of the set have one name: the provider must give each its own.",
    "client_credentials_unusable": "The private key or the secret does not fit token_endpoint_auth.",
    "saml_metadata_failed": "There is no document at this address.",
    "saml_metadata_malformed": "What stands there is no SAML metadata.",
    "saml_metadata_expired": "The metadata have expired: the provider must publish new ones.",
    "saml_metadata_of_another": "The metadata are another entity's: correct entity_id, or the address.",
    "saml_metadata_unsigned": "The metadata are not signed, although a key is pinned for them.",
    "saml_metadata_bad_signature": "No pinned key signed the metadata: get the key from the provider anew.",
}
"""What to do about a fault, by its code; where there is nothing here, the fault's own sentence is told."""

REGISTRATION: Final = "registration"
"""The step that tells our own addresses, of which the provider must know before anything else goes well."""

FIRST_MEND: Final = "What comes before it is to be mended first."


def good(name: str, sentence: str) -> Step:
    """Return a step that went well."""
    return Step(name, Finding.GOOD, sentence)


def doubtful(name: str, sentence: str, code: str) -> Step:
    """Return a step that may keep people from signing in, or not."""
    return Step(name, Finding.DOUBTFUL, sentence, code)


def bad(name: str, sentence: str, code: str) -> Step:
    """Return a step that will keep people from signing in."""
    return Step(name, Finding.BAD, sentence, code)


def faulty(name: str, fault: JitneyError) -> Step:
    """Return a step that could not be carried out, with what to do about it."""
    return bad(name, told(fault), fault.code)


def told(fault: JitneyError) -> str:
    """Return what an operator is told of a fault, with the part of a document that it is about."""
    sentence = ADVICE.get(fault.code, fault.sentence)
    about = [str(fault.details[key]) for key in ("member", "status") if key in fault.details]
    return f"{sentence} ({', '.join(about)})" if about else sentence


async def carry_out(trials: Sequence[Trial]) -> list[Step]:
    """Carry the trials out in their order; behind one that goes badly only our own addresses are told."""
    steps: list[Step] = []
    for name, trial in trials:
        is_stopped = any(step.finding in {Finding.BAD, Finding.NOT_TRIED} for step in steps)
        if is_stopped and name != REGISTRATION:
            steps.append(Step(name, Finding.NOT_TRIED, FIRST_MEND))
            continue
        try:
            steps.extend(await trial())
        except JitneyError as fault:
            steps.append(faulty(name, fault))
    return steps
