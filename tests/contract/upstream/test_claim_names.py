"""A provider's own names and spellings are read as the settings say, and never make a claim more than it was."""

from typing import Any

import pytest
from tests.contract.upstream.test_userinfo import proven

from jitney.model.connection import OIDCConnection
from jitney.model.federated_identity import FederatedIdentity
from jitney.upstream.oidc.proven_identity import Evidence, build_identity
from jitney.upstream.oidc.userinfo import UserInfo


def identity(id_token: dict[str, Any], userinfo: dict[str, Any], **settings: Any) -> FederatedIdentity:
    connection = OIDCConnection("https://idp.example", "jitney", **settings)
    told = UserInfo({"sub": "ada", **userinfo}, is_signed=False)
    return build_identity("idp-1", Evidence(proven(**id_token), userinfo=told), connection)


EDOV = {"claim_names": {"xms_edov": "email_verified"}}


def test_renamed_claim_is_as_signed_as_it_was() -> None:
    """R-052: under its standard name a claim is signed where it was signed, and nowhere else."""
    signed = identity({"xms_edov": True, "email": "ada@acme.example"}, {}, **EDOV)
    unsigned = identity({}, {"xms_edov": True, "email": "ada@acme.example"}, **EDOV)
    assert (True, True) == (signed.claims["email_verified"], unsigned.claims["email_verified"])
    assert {"email", "email_verified"} <= signed.signed_claims
    assert set() == {"email", "email_verified"} & unsigned.signed_claims


def test_standard_claim_wins_over_the_providers_own() -> None:
    """R-052: ``claim_names`` fills a gap, and overrules nobody."""
    merged = identity({"xms_edov": True, "email_verified": False, "email": "a@b.example"}, {}, **EDOV)
    assert False is merged.claims["email_verified"]


def test_renamed_flag_does_not_vouch_for_an_address_from_elsewhere() -> None:
    """R-052: a signed flag beside an unsigned address verifies nothing under any name."""
    merged = identity({"xms_edov": True}, {"email": "eve@acme.example"}, **EDOV)
    assert "email" not in merged.claims


@pytest.mark.parametrize("name", ["sub", "iss", "acr", "auth_time", "sid"])
def test_rename_moves_nobodys_subject_or_sign_in(name: str) -> None:
    """R-001, R-052: no setting of names makes another subject, issuer or level out of what UserInfo says."""
    merged = identity({}, {"own": "evil"}, claim_names={"own": name})
    assert ("ada", None, None, None) == (
        merged.subject, merged.acr, merged.authenticated_at, merged.upstream_session,
    )  # fmt: skip
    assert merged.claims.get(name) in ("ada", "https://idp.example", None)


@pytest.mark.parametrize(
    ("value", "counts"),
    [("true", True), ("1", True), (1, True), (True, True), ("TRUE", False), ("yes", False), (1.0, False),
     ("false", False), (0, False), (2, False), ("", False), ([True], False)],
)  # fmt: skip
def test_flag_in_a_spelling_of_its_own_counts_where_it_is_said_to(value: Any, *, counts: bool) -> None:
    """R-006: a text "true" is "by default not verified": it counts where the settings say so, and else stays."""
    by_default = identity({"email": "ada@acme.example", "email_verified": value}, {})
    said_to = identity({"email": "ada@acme.example", "email_verified": value}, {}, string_flags_count=True)
    assert (value, type(value)) == (
        by_default.claims["email_verified"],
        type(by_default.claims["email_verified"]),
    )
    assert counts is (said_to.claims["email_verified"] is True)


def test_spelling_counts_for_flags_alone_and_after_the_rename() -> None:
    """R-006: Microsoft's ``xms_edov`` may be ``"1"``; another claim that says "true" stays a text."""
    claims = {"email": "ada@acme.example", "xms_edov": "1", "name": "true"}
    read = identity(claims, {}, string_flags_count=True, **EDOV).claims
    assert (True, "1", "true") == (read["email_verified"], read["xms_edov"], read["name"])


def test_spelling_signs_nothing() -> None:
    """R-052: a flag that UserInfo writes as a text is read, and is as unsigned as before."""
    told = identity({}, {"email": "a@b.example", "email_verified": "true"}, string_flags_count=True)
    assert (True, frozenset()) == (told.claims["email_verified"], {"email_verified"} & told.signed_claims)
