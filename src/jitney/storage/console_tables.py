"""The tables of what the console keeps: arrivals to try a policy on, forms that wait, and how the pages look.

Who arrived, and what an operator had typed, rest sealed (R-125), and go when their time is over.
"""

from sqlalchemy import Column, Index, LargeBinary, MetaData, Table

from jitney.database.columns import NAMES, count, moment, sealed, text, text_or_null

METADATA = MetaData(naming_convention=NAMES)

GUARDS = {"pk_looks": "look"}
"""The constraints whose violation means that somebody else was first, and the guard that the verbs know."""

recorded_arrivals = Table(
    "recorded_arrivals", METADATA,
    text("reference", key=True), text("idp"), moment("at"), moment("expires"),
    text_or_null("user_id"), text_or_null("application"), sealed("identity"),
    Index(None, "idp", "at", "reference"), Index(None, "user_id"), Index(None, "expires"),
)  # fmt: skip

kept_forms = Table(
    "kept_forms", METADATA,
    text("key_hash", key=True), text("bound_to"), text("path"), sealed("fields"),
    moment("created"), moment("expires"),
    Index(None, "expires"),
)  # fmt: skip

looks = Table(
    "looks", METADATA,
    text("name", key=True), count("version"), text("record"),
    text_or_null("logo_type"), Column("logo", LargeBinary, nullable=True),
)  # fmt: skip
"""One row at most."""
