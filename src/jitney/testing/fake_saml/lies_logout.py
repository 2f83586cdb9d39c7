"""Lies in a LogoutRequest: whoever could send one unsigned could sign out anybody, again and again (R-070)."""

import base64
import copy
from dataclasses import replace
from datetime import datetime, timedelta

from lxml import etree

from jitney.testing.fake_saml import names
from jitney.testing.fake_saml.documents import Element, element, found
from jitney.testing.fake_saml.facts import LogoutFacts, new_id
from jitney.testing.fake_saml.keys import KeyPair, hmac_with, rsa_key
from jitney.testing.fake_saml.lies import Document, Habits, Part, Stage, lie, oddity
from jitney.testing.fake_saml.lies_addresses import ELSEWHERE, HOUR
from jitney.testing.fake_saml.lies_wrapping import MALLORY, signature_of, without_signature
from jitney.testing.fake_saml.names import DS, SAML, SAMLP, of
from jitney.testing.fake_saml.seals import Seal, seal_with
from jitney.testing.fake_saml.travel import Sent, query_of, signed_query

_LOGOUT = Document.LOGOUT_REQUEST
_SIGNED = Part.RESPONSE


def _about_mallory(root: Element) -> Element:
    evil = without_signature(root)
    evil.set("ID", new_id())
    found(evil, "saml:NameID").text = MALLORY
    return evil


def _rewritten(parameters: dict[str, str]) -> Sent:
    return Sent(parameters, query_of(parameters), is_posted=False)


def _unsigned_parameters(sent: Sent) -> dict[str, str]:
    return {name: text for name, text in sent.parameters.items() if name not in ("SigAlg", "Signature")}


# ── how it is signed ────────────────────────────────────────────────────────────────────────────────


@lie(Stage.HABITS, _LOGOUT, signs=_SIGNED)
def logout_unsigned(habits: Habits) -> Habits:
    """The request is not signed; R-070."""
    return replace(habits, signs=Part.NOTHING)


@lie(Stage.HABITS, _LOGOUT, signs=_SIGNED, by_redirect=True)
def logout_query_unsigned(habits: Habits) -> Habits:
    """The request in the query is not signed; R-070."""
    return replace(habits, signs=Part.NOTHING)


@lie(Stage.SEAL, _LOGOUT, signs=_SIGNED)
def logout_by_stranger(_seal: Seal) -> Seal:
    """A stranger signs, and shows his certificate; R-061, R-070."""
    return seal_with(rsa_key("stranger"))


@lie(Stage.HABITS, _LOGOUT, signs=_SIGNED, by_redirect=True)
def logout_query_by_stranger(habits: Habits) -> Habits:
    """A stranger signs the query; R-061, R-070."""
    return replace(habits, key=rsa_key("stranger"))


@lie(Stage.SEAL, _LOGOUT, signs=_SIGNED)
def logout_by_sha1(seal: Seal) -> Seal:
    """The request is signed by RSA with SHA-1; R-061."""
    return replace(seal, algorithm=names.RSA_SHA1, digest=names.SHA1)


@lie(Stage.SEAL, _LOGOUT, signs=_SIGNED)
def logout_reference_to_root(seal: Seal) -> Seal:
    """The signature refers to the whole document by an empty URI; R-061."""
    return replace(seal, uri="")


@lie(Stage.SEALED, _LOGOUT, signs=_SIGNED)
def logout_altered(root: Element) -> None:
    """The name was changed after the signing; R-061."""
    found(root, "saml:NameID").text = MALLORY


@lie(Stage.SEALED, _LOGOUT, signs=_SIGNED)
def logout_wrapped_in_object(root: Element) -> Element:
    """A forged request bears the signature, whose Object holds the request that was signed; R-060, R-061."""
    evil, signature = _about_mallory(root), copy.deepcopy(signature_of(root))
    signature.append(element(of(DS, "Object"), without_signature(root)))
    evil.insert(1, signature)
    return evil


@lie(Stage.SEALED, _LOGOUT, signs=_SIGNED)
def logout_wrapped_in_extensions(root: Element) -> Element:
    """A forged request holds the signed one in its Extensions; R-060."""
    evil = _about_mallory(root)
    evil.insert(1, element(of(SAMLP, "Extensions"), root))
    return evil


@lie(Stage.SEALED, _LOGOUT, signs=_SIGNED)
def logout_signature_in_extensions(root: Element) -> None:
    """The signature stands in the Extensions; R-061."""
    root.insert(1, element(of(SAMLP, "Extensions"), signature_of(root)))


# ── the signature of a query ────────────────────────────────────────────────────────────────────────


def _signing(sent: Sent, algorithm: str, key: KeyPair) -> Sent:
    return signed_query(_unsigned_parameters(sent), key, algorithm)


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_without_algorithm(sent: Sent) -> Sent:
    """The query does not say by which algorithm it is signed."""
    return _rewritten({name: text for name, text in sent.parameters.items() if name != "SigAlg"})


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_of_algorithm_none(sent: Sent) -> Sent:
    """The query says that it is signed by nothing."""
    return _rewritten({**sent.parameters, "SigAlg": "none", "Signature": ""})


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_by_hmac(sent: Sent) -> Sent:
    """The query is "signed" by HMAC with an empty secret; R-061."""
    signed = {**_unsigned_parameters(sent), "SigAlg": names.HMAC_SHA256}
    value = hmac_with(b"")(query_of(signed).encode(), names.HMAC_SHA256)
    return _rewritten({**signed, "Signature": base64.b64encode(value).decode()})


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_by_sha1(sent: Sent) -> Sent:
    """The query is signed by RSA with SHA-1; R-061."""
    return _signing(sent, names.RSA_SHA1, rsa_key("the provider"))


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_of_another_algorithm(sent: Sent) -> Sent:
    """The query says another algorithm than the one that signed it, and that it is SHA-512."""
    return _rewritten({**sent.parameters, "SigAlg": names.RSA_SHA512})


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_signed_in_another_order(sent: Sent) -> Sent:
    """The signature covers the parameters in the order of the alphabet; SAML Bindings 3.4.4.1 has its own."""
    unsigned = {**_unsigned_parameters(sent), "SigAlg": names.RSA_SHA256}
    octets = query_of(dict(sorted(unsigned.items(), reverse=True))).encode()
    value = rsa_key("the provider").sign(octets, names.RSA_SHA256)
    return _rewritten({**unsigned, "Signature": base64.b64encode(value).decode()})


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_with_second_message(sent: Sent) -> Sent:
    """The query holds a second request, before the signed one."""
    return replace(sent, query=f"SAMLRequest=PHg%2BPC94Pg%3D%3D&{sent.query}")


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_with_second_algorithm(sent: Sent) -> Sent:
    """The query says its algorithm twice."""
    return replace(sent, query=f"{sent.query}&SigAlg=none")


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_with_both_messages(sent: Sent) -> Sent:
    """The query holds a request and a response."""
    return replace(sent, query=f"{sent.query}&SAMLResponse=PHg%2BPC94Pg%3D%3D")


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_with_escaped_name(sent: Sent) -> Sent:
    """A second request is named with an escaped letter, which one reader takes for another name."""
    return replace(sent, query=f"{sent.query}&SAML%52equest=PHg%2BPC94Pg%3D%3D")


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_with_unsigned_relay_state(sent: Sent) -> Sent:
    """A RelayState was added to a query that was signed without one."""
    bare = {name: text for name, text in _unsigned_parameters(sent).items() if name != "RelayState"}
    signed = signed_query(bare, rsa_key("the provider"))
    return replace(signed, query=f"{signed.query}&RelayState=elsewhere")


@lie(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_altered(sent: Sent) -> Sent:
    """The signature's last octet was changed."""
    value = bytearray(base64.b64decode(sent.parameters["Signature"]))
    value[-1] ^= 1
    return _rewritten({**sent.parameters, "Signature": base64.b64encode(bytes(value)).decode()})


@oddity(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_in_another_order(sent: Sent) -> Sent:
    """The parameters stand in another order than they were signed in, and each as it was signed."""
    return _rewritten(dict(reversed(list(sent.parameters.items()))))


@oddity(Stage.SENT, _LOGOUT, signs=_SIGNED, by_redirect=True)
def query_in_small_letters(sent: Sent) -> Sent:
    """The query is escaped in small letters, as ADFS does it, and signed so."""
    unsigned = {**_unsigned_parameters(sent), "SigAlg": names.RSA_SHA256}
    written = query_of(unsigned)
    for escaped in ("%2B", "%2F", "%3A", "%3D"):
        written = written.replace(escaped, escaped.lower())
    value = base64.b64encode(rsa_key("the provider").sign(written.encode(), names.RSA_SHA256)).decode()
    query = f"{written}&{query_of({'Signature': value})}"
    return Sent({**unsigned, "Signature": value}, query, is_posted=False)


# ── what it says ────────────────────────────────────────────────────────────────────────────────────


def _issued(facts: LogoutFacts) -> datetime:
    if not isinstance(facts.issued, datetime):
        raise TypeError("the honest time is a time")
    return facts.issued


@lie(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_expired(facts: LogoutFacts) -> LogoutFacts:
    """The request ended 61 seconds ago."""
    return replace(facts, until=_issued(facts) - timedelta(seconds=61))


@lie(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_too_old(facts: LogoutFacts) -> LogoutFacts:
    """The request, which has no end, was issued an hour ago."""
    return replace(facts, issued=_issued(facts) - HOUR, until=None)


@lie(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_in_future(facts: LogoutFacts) -> LogoutFacts:
    """The request is issued an hour from now."""
    return replace(facts, issued=_issued(facts) + HOUR, until=_issued(facts) + 2 * HOUR)


@lie(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_for_another(facts: LogoutFacts) -> LogoutFacts:
    """The request is addressed to another service provider."""
    return replace(facts, destination=f"{ELSEWHERE}/slo")


@lie(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_for_nobody(facts: LogoutFacts) -> LogoutFacts:
    """The signed request is addressed to nobody; SAML Bindings 3.5.5.2."""
    return replace(facts, destination=None)


@lie(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_of_another_issuer(facts: LogoutFacts) -> LogoutFacts:
    """The request is another provider's; R-064."""
    return replace(facts, issuer=ELSEWHERE)


@lie(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_of_no_issuer(facts: LogoutFacts) -> LogoutFacts:
    """The request does not say whose it is; SAML Profiles 4.4.4.1."""
    return replace(facts, issuer=None)


@lie(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_of_version_1(facts: LogoutFacts) -> LogoutFacts:
    """The request is of SAML 1.1."""
    return replace(facts, version="1.1")


@lie(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_of_empty_name(facts: LogoutFacts) -> LogoutFacts:
    """The request names nobody."""
    return replace(facts, name_id=replace(facts.name_id, text=""))


@lie(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_of_many_sessions(facts: LogoutFacts) -> LogoutFacts:
    """The request names a thousand sessions."""
    return replace(facts, sessions=tuple(f"session-{number}" for number in range(1_000)))


@lie(Stage.TREE, _LOGOUT, signs=_SIGNED)
def logout_comment_in_name(root: Element) -> None:
    """A comment divides the NameID, which is signed so; R-068."""
    name = found(root, "saml:NameID")
    name.append(etree.Comment(""))
    name[0].tail = ".attacker"


@lie(Stage.TREE, _LOGOUT, signs=_SIGNED)
def logout_element_in_name(root: Element) -> None:
    """An element divides the NameID; R-068."""
    name = found(root, "saml:NameID")
    name.append(etree.Element("b"))
    name[0].tail = ".attacker"


@lie(Stage.TREE, _LOGOUT, signs=_SIGNED)
def logout_of_two_names(root: Element) -> None:
    """The request names two people; the schema allows one."""
    found(root, "saml:NameID").addnext(element(of(SAML, "NameID"), text=MALLORY))


@lie(Stage.OCTETS, _LOGOUT, signs=_SIGNED)
def logout_with_doctype(octets: bytes) -> bytes:
    """There is a DOCTYPE; R-058."""
    return b"<!DOCTYPE samlp:LogoutRequest>" + octets


@lie(Stage.OCTETS, _LOGOUT, signs=_SIGNED)
def logout_is_a_response(octets: bytes) -> bytes:
    """What is sent as a LogoutRequest is a LogoutResponse."""
    return octets.replace(b"LogoutRequest", b"LogoutResponse")


@lie(Stage.OCTETS, _LOGOUT, signs=_SIGNED)
def logout_huge(octets: bytes) -> bytes:
    """The request has 257 KiB; R-058."""
    return octets + b" " * (257 * 1024 - len(octets))


@oddity(Stage.FACTS, _LOGOUT, signs=_SIGNED)
def logout_of_all_sessions(facts: LogoutFacts) -> LogoutFacts:
    """The request names no session, which means all of the person's."""
    return replace(facts, sessions=())
