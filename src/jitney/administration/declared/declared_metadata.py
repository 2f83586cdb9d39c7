"""Read the SAML metadata that a declaration brings along into the providers that they describe."""

from dataclasses import replace

from jitney.administration.declared.declarations import Declaration, DeclaredIdentityProvider
from jitney.administration.providers.saml_imports import with_metadata
from jitney.administration.providers.saml_preparation import SAMLPreparation
from jitney.errors import InvalidInput
from jitney.model.saml_connection import SAMLConnection


def with_documents(declaration: Declaration, preparation: SAMLPreparation) -> Declaration:
    """Return the declaration with every provider as its document describes it.

    Raises ``InvalidInput`` (``declaration_invalid``) with each document that does not do.
    """
    faults: dict[str, str] = {}
    providers: list[DeclaredIdentityProvider] = []
    for declared in declaration.identity_providers:
        try:
            providers.append(_described(declared, preparation))
        except InvalidInput as fault:
            faults[f"identity_provider {declared.idp.name}: metadata_file"] = fault.sentence
    if faults:
        raise InvalidInput("declaration_invalid", "The declaration is wrong.", fields=faults)
    return replace(declaration, identity_providers=tuple(providers))


def _described(declared: DeclaredIdentityProvider, preparation: SAMLPreparation) -> DeclaredIdentityProvider:
    connection = declared.idp.connection
    if declared.metadata is None or not isinstance(connection, SAMLConnection):
        return declared
    metadata = preparation.read(declared.metadata, connection)
    connection = with_metadata(connection, metadata, checked=None)
    return replace(declared, idp=replace(declared.idp, connection=connection), metadata=None)
