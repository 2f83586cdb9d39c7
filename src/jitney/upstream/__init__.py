"""Door out: the identity providers that we trust, spoken to in OpenID Connect, OAuth 2.0 or SAML.

What comes from a provider or through a browser is ``unverified_…`` until the room of its protocol has made a proof
of it; only the ``provider`` of such a room hands a ``FederatedIdentity`` to the verbs.
Nothing in this room decides what becomes of a person, and nothing is stored:
caches live in memory, one for each provider and version of its settings.
Every fault that leaves is ``UpstreamRejected`` or ``UpstreamUnavailable`` with a code of ``faults``.
"""
