"""Our own messages: the part that all have in common, their signatures, and how they leave."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm
from signxml.signer import XMLSigner

from jitney.model.saml_connection import SAMLBinding, SAMLConnection, SAMLEndpoint
from jitney.model.secret_hash import hash_secret
from jitney.ports import Entropy, Onward
from jitney.upstream.faults import refusal
from jitney.upstream.saml.credentials import OwnKey, UnusableCredentialError, read_credential
from jitney.upstream.saml.names import ASSERTION, PROTOCOL, SIGNATURE, ds, saml, samlp
from jitney.upstream.saml.redirect_binding import Parameter, add_to_address, write_query

_PREFIXES: Final = {"samlp": PROTOCOL, "saml": ASSERTION}


class Sender:
    """Makes our messages to one provider, as its settings say, with the first of our key pairs.

    ``our_id`` is our entity id.
    """

    def __init__(self, connection: SAMLConnection, *, our_id: str, entropy: Entropy) -> None:
        self._connection = connection
        self._our_id = our_id
        self._entropy = entropy
        self._keys: tuple[OwnKey, ...] | None = None

    def new_message(self, name: str, *, now: datetime, destination: str, **attributes: str) -> etree._Element:
        """Return a message of the protocol with what every message has (SAML Core 3.2.1, 3.2.2)."""
        message = etree.Element(
            samlp(name),
            {
                "ID": new_id(self._entropy),
                "Version": "2.0",
                "IssueInstant": written(now),
                "Destination": destination,
                **attributes,
            },
            nsmap=_PREFIXES,
        )
        etree.SubElement(message, saml("Issuer")).text = self._our_id
        return message

    def choose(self, endpoints: Sequence[SAMLEndpoint]) -> SAMLEndpoint:
        """Return the endpoint of the binding that the settings prefer, or else one of the other.

        Raises ``UpstreamUnavailable`` (``saml_endpoint_missing``) where the provider has neither.
        """
        preferred = self._connection.request_binding
        for endpoint in sorted(endpoints, key=lambda endpoint: endpoint.binding is not preferred):
            return endpoint
        raise refusal("saml_endpoint_missing")

    def send(
        self,
        message: etree._Element,
        binding: SAMLBinding,
        *,
        parameter: Parameter,
        relay_state: str | None,
        key: OwnKey | None,
        extra: Mapping[str, str] | None = None,
    ) -> Onward:
        """Return how the browser carries the message to its destination, signed where there is a key."""
        destination = str(message.get("Destination"))
        if binding is SAMLBinding.REDIRECT:
            query = write_query(serialized(message), parameter=parameter, relay_state=relay_state, key=key)
            return Onward(add_to_address(destination, query, extra=extra))
        signed = message if key is None else sign_enveloped(message, key, behind=1)
        fields = {parameter: b64encode(serialized(signed)).decode("ascii")}
        if relay_state is not None:
            fields["RelayState"] = relay_state
        return Onward(add_to_address(destination, "", extra=extra), fields)

    def key(self) -> OwnKey:
        """Return the key that signs; raises ``UpstreamUnavailable`` with ``saml_credential_unusable``."""
        keys = self.keys()
        if not keys:
            raise refusal("saml_credential_unusable", flaw="credential_missing")
        return keys[0]

    def keys(self) -> tuple[OwnKey, ...]:
        """Return all our keys, read once, since a private key is checked at length; raises as ``key`` does."""
        if self._keys is None:
            try:
                self._keys = tuple(
                    read_credential(each, is_checked=True) for each in self._connection.credentials
                )
            except UnusableCredentialError as error:
                raise refusal("saml_credential_unusable", flaw=error.flaw) from error
        return self._keys


def sign_enveloped(element: etree._Element, key: OwnKey, *, behind: int) -> etree._Element:
    """Return the element with a signature over it, which stands behind its first ``behind`` children.

    The schema says where: in a message behind the issuer, in metadata before all else (SAML Core 5.4).
    """
    place = etree.Element(ds("Signature"), {"Id": "placeholder"}, nsmap={"ds": SIGNATURE})
    element.insert(behind, place)
    signer = XMLSigner(
        signature_algorithm=key.method,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    return signer.sign(
        element,
        key=key.private,
        cert=key.certificate,
        reference_uri="#" + str(element.get("ID")),
        id_attribute="ID",
    )


def serialized(element: etree._Element) -> bytes:
    """Return an element as the octets that travel."""
    return etree.tostring(element, encoding="UTF-8", xml_declaration=False)


def new_id(entropy: Entropy) -> str:
    """Return an id of 128 random bits that may stand in a document (SAML Core 1.3.4)."""
    return "_" + hash_secret(entropy.token())[:32]


def written(moment: datetime) -> str:
    """Return a time as SAML writes it: UTC, whole seconds (SAML Core 1.3.3)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
