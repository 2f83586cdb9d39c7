"""The shape of a document, held against the schemas that we bring along; nothing is fetched (R-060)."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

from lxml import etree

from jitney.upstream.faults import refusal
from jitney.upstream.saml.names import ASSERTION, ENCRYPTION, ENCRYPTION_11, METADATA, PROTOCOL, SIGNATURE

_FILES: Final = {
    PROTOCOL: "saml-schema-protocol-2.0.xsd",
    ASSERTION: "saml-schema-assertion-2.0.xsd",
    METADATA: "saml-schema-metadata-2.0.xsd",
    SIGNATURE: "xmldsig-core-schema.xsd",
    ENCRYPTION: "xenc-schema.xsd",
    ENCRYPTION_11: "xenc-schema-11.xsd",
    "http://www.w3.org/XML/1998/namespace": "xml.xsd",
}
_ALL: Final = "all.xsd"


class _Bundled(etree.Resolver):
    """Answers every address with the file of that name beside us, or with nothing."""

    def resolve(self, system_url: str | None, public_id: str | None, context: Any) -> Any:  # noqa: ARG002
        name = (system_url or "").rpartition("/")[2]
        content = _read(name) if name in _FILES.values() else b""
        return self.resolve_string(content, context, base_url=name)


def check_schema(element: etree._Element, *, document: str) -> None:
    """Refuse an element that breaks its schema, or has none: ``saml_<document>_schema_invalid``."""
    schema = _schema()
    if not schema.validate(element):
        # The message would quote what stands in the document: the kind of flaw says enough.
        first = schema.error_log[0] if len(schema.error_log) else None
        raise refusal(
            f"saml_{document}_schema_invalid", flaw=first.type_name if first is not None else "unknown"
        )


@cache
def _schema() -> etree.XMLSchema:
    """Return all schemas as one; read once, in a few milliseconds."""
    imports = "".join(
        f'<import namespace="{name}" schemaLocation="{file}"/>' for name, file in _FILES.items()
    )
    parser = etree.XMLParser(no_network=True, load_dtd=False)
    parser.resolvers.add(_Bundled())
    driver = f'<schema xmlns="http://www.w3.org/2001/XMLSchema">{imports}</schema>'
    return etree.XMLSchema(etree.fromstring(driver, parser, base_url=_ALL))


def _read(name: str) -> bytes:
    return (files("jitney.upstream.saml") / "schemas" / name).read_bytes()
