"""The verb that brings a person from "who are you?" to a session.

It has the shape of an hourglass: entrances (``arrival``, ``federated_login``, ``local_login``) flow into one
hall (``advance``), which uses four tools (``fact_finding``, ``provisioner``, ``journey``, ``sessions``).
``rehearsal`` stands aside: the same facts, the same decision, nothing carried out.
Nothing here speaks HTTP, SQL or a provider's protocol.
"""
