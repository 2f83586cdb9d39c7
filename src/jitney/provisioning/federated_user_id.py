"""The federated unique user id: the server's own name for whoever a provider knows by a subject (jit.md 10)."""

from uuid import NAMESPACE_OID, UUID, uuid5


def federated_user_id(idp: str, subject: str) -> str:
    """Return the id, a UUID as text, for the provider with the internal id ``idp`` and the subject there.

    It is reckoned (UUID 5, RFC 9562 section 5.5) and not drawn: so it is the same at every arrival, whether or not
    anything was ever stored for this person, and two browsers at once get one.
    A provider that is removed and made again has another internal id, and its people are others (R-004).
    """
    try:
        namespace, name = UUID(idp), subject
    except ValueError:
        # An id that is no UUID stands in the name itself; no subject can forge it, since an id holds no NUL.
        namespace, name = NAMESPACE_OID, f"{idp}\0{subject}"
    return str(uuid5(namespace, name))
