"""Issuers that stand for many tenants: whose token it is, and whether that tenant may come (R-003).

Microsoft Entra publishes one document for all tenants, whose ``issuer`` holds ``{tenantid}`` literally; each token
names its tenant in ``tid``, and its ``iss`` is the issuer with that tenant put in.
"""

from collections.abc import Mapping
from typing import Final

from jitney.model.connection import OIDCConnection
from jitney.upstream.faults import refusal

PLACEHOLDER: Final = "{tenantid}"
_ANY_ORGANIZATION: Final = "organizations"
_ANYBODY: Final = "common"
_PRIVATE_PEOPLE: Final = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of personal Microsoft accounts, which ``organizations`` leaves out and ``common`` takes in."""


def is_multi_tenant(connection: OIDCConnection) -> bool:
    """Say whether the issuer stands for many tenants."""
    return PLACEHOLDER in connection.issuer


def shared_issuer(connection: OIDCConnection) -> str:
    """Return the issuer under which all tenants' common documents stand; of a single tenant, the issuer itself."""
    everybody = _ANYBODY if _PRIVATE_PEOPLE in connection.tenants else _ANY_ORGANIZATION
    return connection.issuer.replace(PLACEHOLDER, everybody)


def issuers_of(connection: OIDCConnection) -> frozenset[str]:
    """Return every issuer whose tokens may be accepted: one for each tenant on the list, else the one."""
    if not is_multi_tenant(connection):
        return frozenset({connection.issuer})
    return frozenset(issuer_of(connection, tenant) for tenant in connection.tenants)


def verify_tenant(claims: Mapping[str, object], connection: OIDCConnection) -> str | None:
    """Return the tenant that an ID token names, if it is on the list; ``None`` where the issuer is one tenant's.

    The attack: anybody may found a tenant, and is its administrator; his tokens bear the provider's good signature
    and whatever address he likes. So no pattern and no prefix counts, only what stands on the list, letter by
    letter; that ``iss`` names the same tenant is compared by the caller.
    Raises ``id_token_tenant_missing``, ``id_token_tenant_differs``.
    """
    if not is_multi_tenant(connection):
        return None
    tenant = claims.get("tid")
    if tenant is None:
        raise refusal("id_token_tenant_missing")
    if not isinstance(tenant, str) or tenant not in connection.tenants or not _is_usable(tenant):
        raise refusal("id_token_tenant_differs")
    return tenant


def verify_tenant_of_issuer(claims: Mapping[str, object], connection: OIDCConnection) -> str | None:
    """Return the tenant whose issuer a logout token names; ``None`` where the issuer is one tenant's.

    A logout token need not say ``tid``; one that does says the same.
    Raises ``logout_token_issuer_differs``, ``logout_token_tenant_differs``.
    """
    if not is_multi_tenant(connection):
        return None
    by_issuer = {issuer_of(connection, each): each for each in connection.tenants if _is_usable(each)}
    tenant = by_issuer.get(str(claims.get("iss")))
    if tenant is None:
        raise refusal("logout_token_issuer_differs")
    if claims.get("tid", tenant) != tenant:
        raise refusal("logout_token_tenant_differs")
    return tenant


def issuer_of(connection: OIDCConnection, tenant: str | None) -> str:
    """Return the issuer that a token of this tenant must name, by exact substitution."""
    return connection.issuer if tenant is None else connection.issuer.replace(PLACEHOLDER, tenant)


def check_key_issuer(key_issuer: str | None, connection: OIDCConnection, tenant: str | None) -> None:
    """Refuse a token that a key of other issuers signed: ``id_token_key_of_another_issuer``.

    One key set serves all tenants, personal accounts too, and says of each key whose tokens it signs.
    The attack: somebody has got hold of a key for personal accounts,
    and signs a token of a company's tenant with it.
    """
    if tenant is None or key_issuer is None:
        return
    if key_issuer.replace(PLACEHOLDER, tenant) != issuer_of(connection, tenant):
        raise refusal("id_token_key_of_another_issuer")


def subject_of(tenant: str | None, subject: str) -> str:
    """Return the subject, the tenant a part of it; two people of two tenants never share one (R-003)."""
    return subject if tenant is None else f"{tenant}/{subject}"


def _is_usable(tenant: str) -> bool:
    """Say whether a name may stand before a subject; with a slash in it, two pairs could be one subject."""
    return tenant != "" and "/" not in tenant
