"""What it costs to verify a SAML response, beside the bare verification of its signatures by the library."""

import statistics
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import xmlsec
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from jitney.model.federated_identity import UnverifiedResponse
from jitney.model.saml_connection import SAMLConnection, SAMLCredential
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in import UpstreamAttempt
from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml_provider import Asked, FakeSAMLProvider, Habits, Kind, Part
from jitney.upstream.places import OurPlaces
from jitney.upstream.saml.expected import ExpectedResponse
from jitney.upstream.saml.reading import read_response

_IDP: Final = "https://idp.bench.example"
_PLACES: Final = OurPlaces("https://jitney.bench.example", "acme")
_STATE: Final = "s" * 43
_REQUEST_ID: Final = "_" + "0123456789abcdef" * 2
_NOW: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
_ASSERTION: Final = "./{urn:oasis:names:tc:SAML:2.0:assertion}Assertion/"
_ENCRYPTED: Final = "{urn:oasis:names:tc:SAML:2.0:assertion}EncryptedAssertion"
_TIMES: Final = 300

_FORMS: Final = {
    "the response signed": (Habits(Part.RESPONSE), ("./",)),
    "the assertion signed": (Habits(Part.ASSERTION), (_ASSERTION,)),
    "both signed": (Habits(Part.BOTH), ("./", _ASSERTION)),
    "the assertion signed, then encrypted": (Habits(Part.ASSERTION, Kind.ASSERTION), (_ASSERTION,)),
    "both signed, the assertion encrypted": (Habits(Part.BOTH, Kind.ASSERTION), ("./", _ASSERTION)),
}
"""Form of a response → how the provider makes it, and where its signatures are once it lies open."""


@dataclass(frozen=True, slots=True)
class VerificationRow:
    """Medians of CPU milliseconds: ours, and the library's with its check of the signature's schema and without."""

    form: str
    octets: int
    ours: float
    bare: float
    barer: float


def measure_verification() -> list[VerificationRow]:
    """Verify a response of each form again and again, ours and the library's alternately."""
    return [_measured(form) for form in _FORMS]


def _measured(form: str) -> VerificationRow:
    habits, locations = _FORMS[form]
    own, provider = rsa_key("ours", 3072), FakeSAMLProvider(_IDP, now=_NOW.timestamp)
    provider.maker.receiver = own.certificate
    asked = Asked(_REQUEST_ID, _PLACES.assertion_consumer, _PLACES.saml_metadata, _STATE)
    fields = dict(provider.respond(asked, habits=habits).parameters)
    connection = SAMLConnection(
        _IDP,
        signing_certificates=(provider.certificate,),
        credentials=(SAMLCredential(own.certificate, own.private_pem),),
    )
    attempt = UpstreamAttempt(
        "idp", 1, hash_secret(_STATE), nonce="", code_verifier="",
        redirect_uri=_PLACES.assertion_consumer, request_id=_REQUEST_ID,
    )  # fmt: skip
    expected = ExpectedResponse("idp", connection, _PLACES, attempt, _NOW)
    unverified = UnverifiedResponse(fields, is_posted=True)
    bare = _Bare(b64decode(fields["SAMLResponse"]), provider.certificate, own.private_pem, locations)
    medians = _medians(
        lambda: read_response(unverified, expected),
        lambda: bare.verify(validate_schema=True),
        lambda: bare.verify(validate_schema=False),
    )
    return VerificationRow(form, len(bare.octets), *medians)


class _Bare:
    """The library by itself: it is told where each signature stands, whose it is, and no more.

    signxml decrypts nothing, so that what is encrypted is opened by xmlsec before, as barely.
    """

    def __init__(self, octets: bytes, certificate: str, private_key: str, locations: tuple[str, ...]) -> None:
        self.octets, self._certificate, self._locations = octets, certificate, locations
        self._keys = xmlsec.KeysManager()
        self._keys.add_key(xmlsec.Key.from_memory(private_key, xmlsec.constants.KeyDataFormatPem, None))

    def verify(self, *, validate_schema: bool) -> None:
        """Verify every signature; raises what the library raises."""
        for location in self._locations:
            # The signature of a response covers the assertion as it came; that of an assertion, as it was.
            octets = self.octets if location == "./" else self._opened()
            XMLVerifier().verify(
                octets,
                x509_cert=self._certificate,
                expect_config=SignatureConfiguration(location=location),
                validate_schema=validate_schema,
                id_attribute="ID",
            )

    def _opened(self) -> bytes:
        if b"EncryptedAssertion" not in self.octets:
            return self.octets
        root = etree.fromstring(self.octets)
        around = root.find(_ENCRYPTED)
        if around is not None:
            xmlsec.EncryptionContext(self._keys).decrypt(around[0])
            root.replace(around, around[0])
        return etree.tostring(root)


def _medians(*runs: Callable[[], object]) -> list[float]:
    """Let all run alternately, and return the median of each in CPU milliseconds of this thread."""
    took: list[list[float]] = [[] for _ in runs]
    for _ in range(_TIMES):
        for seconds, run in zip(took, runs, strict=True):
            begun = time.thread_time()
            run()
            seconds.append(time.thread_time() - begun)
    return [1000 * statistics.median(seconds) for seconds in took]
