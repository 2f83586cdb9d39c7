"""Forms over records: what is shown of a record makes the same record again, and nonsense is named by its field."""

from dataclasses import replace

import pytest

from jitney.errors import InvalidInput
from jitney.model.claims import ClaimMapping, MappingTable
from jitney.model.connection import OIDCConnection, TokenEndpointAuth
from jitney.model.enhanced import EnhancedFeature
from jitney.model.factor import FactorKind
from jitney.model.identity_provider import IdentityProvider
from jitney.model.policy import OnNameTaken, PromptMode
from jitney.model.sign_in_policy import SecondFactorRule
from jitney.web.console.record_fields import Choice, Column, Field, Kind
from jitney.web.console.record_forms import read_record, typed_of
from jitney.web.console.versions import Present

CONNECTION = OIDCConnection(
    "https://acme.example",
    "jitney",
    client_secret="the-secret",
    token_endpoint_auth=TokenEndpointAuth.CLIENT_SECRET_POST,
    extra_parameters={"hd": "acme.example", "a": "b = c"},
    clock_skew=30,
)
IDP = IdentityProvider(
    "id-1",
    "acme",
    "Acme",
    CONNECTION,
    mappings=MappingTable(claims=(ClaimMapping("mail", "email"), ClaimMapping("dept", "department", "none"))),
    enhanced=EnhancedFeature(second_factors=False),
)
MODES = tuple(Choice(mode.value, mode.value) for mode in PromptMode)
ROW = (Column("remote", "Remote"), Column("local", "Local"), Column("default", "Default"))
KINDS = (Choice("totp", "App"), Choice("email_otp", "E-mail"))
FIELDS = (
    Field("display_name", "Name", required=True),
    Field("enabled", "Enabled", Kind.SWITCH),
    Field("connection.issuer", "Issuer", required=True),
    Field("connection.client_secret", "Client secret", Kind.SECRET),
    Field("connection.token_endpoint_auth", "How", Kind.SELECT, choices=(Choice("client_secret_post", "By post"),)),
    Field("connection.scopes", "Scopes", Kind.LINES),
    Field("connection.extra_parameters", "More", Kind.PAIRS),
    Field("connection.clock_skew", "Skew", Kind.NUMBER),
    Field("connection.groups_endpoint", "Groups"),
    Field("policy.prompt_mode", "Mode", Kind.CHOICE, choices=MODES),
    Field("policy.on_name_taken", "Taken", Kind.SELECT),
    Field("mappings.claims", "Claims", Kind.ROWS, columns=ROW),
    Field("enhanced.second_factors", "Second factors", Kind.TRISTATE),
    Field("second_factor.kinds", "Kinds", Kind.CHECKS, choices=KINDS),
)  # fmt: skip
PAIRS = tuple(field for field in FIELDS if field.path == "connection.extra_parameters")


def told_apart(after: IdentityProvider) -> list[tuple[str, str, str]]:
    """Return what the form of another version says otherwise."""
    return Present(FIELDS, 1, typed_of(IDP, FIELDS)).differences(typed_of(after, FIELDS))


def test_what_a_form_shows_makes_the_same_record_again() -> None:
    """Issue 7: saving a form in which nothing was typed changes nothing, secrets included."""
    typed = typed_of(IDP, FIELDS)
    assert IDP == read_record(IDP, FIELDS, typed)
    assert [] == told_apart(read_record(IDP, FIELDS, typed))


def test_a_secret_stands_in_no_form() -> None:
    """R-115: a secret is written and never read, in the form and among the differences; a name is told."""
    typed = typed_of(IDP, FIELDS)
    assert "the-secret" not in str(typed)
    changed = read_record(IDP, FIELDS, {**typed, "connection.client_secret": " another "})
    assert isinstance(changed.connection, OIDCConnection)
    assert " another " == changed.connection.client_secret
    assert [("Name", "Acme", "B")] == told_apart(replace(changed, display_name="B"))


def test_every_kind_of_field_is_read_by_its_type() -> None:
    """Issue 7: each text becomes what the record holds: numbers, choices, lists, pairs, tables, three states."""
    typed = {
        **typed_of(IDP, FIELDS),
        "display_name": "  Acme Inc.  ",
        "connection.scopes": "openid\r\n\r\n email ",
        "connection.extra_parameters": "hd=x.example",
        "connection.clock_skew": "0",
        "connection.groups_endpoint": "  ",
        "policy.prompt_mode": "consent",
        "policy.on_name_taken": "suffix",
        "mappings.claims.0.remote": "",
        "mappings.claims.0.local": " ",
        "mappings.claims.7.remote": "upn",
        "mappings.claims.7.local": "user_name",
        "enhanced.second_factors": "",
        "second_factor.kinds.email_otp": "on",
    }
    typed.pop("enabled")
    read = read_record(IDP, FIELDS, typed)
    assert isinstance(read.connection, OIDCConnection)
    assert ("Acme Inc.", False) == (read.display_name, read.enabled)
    assert (("openid", "email"), {"hd": "x.example"}) == (
        read.connection.scopes,
        read.connection.extra_parameters,
    )
    assert (0, None) == (read.connection.clock_skew, read.connection.groups_endpoint)
    assert (PromptMode.CONSENT, OnNameTaken.SUFFIX) == (read.policy.prompt_mode, read.policy.on_name_taken)
    rows = (ClaimMapping("dept", "department", "none"), ClaimMapping("upn", "user_name"))
    assert rows == read.mappings.claims
    assert read.enhanced.second_factors is None
    assert ("email_otp",) == read.second_factor.kinds


def test_every_fault_is_told_at_once_by_its_field() -> None:
    """Issue 7: a wrong text is named by its field, with all others; nothing is read then."""
    typed = {
        **typed_of(IDP, FIELDS),
        "display_name": "",
        "connection.clock_skew": "ten",
        "connection.extra_parameters": "no pair",
        "policy.prompt_mode": "shout",
        "mappings.claims.5.remote": "upn",
    }
    with pytest.raises(InvalidInput) as refused:
        read_record(IDP, FIELDS, typed)
    wanted = {
        "display_name",
        "connection.clock_skew",
        "connection.extra_parameters",
        "policy.prompt_mode",
        "mappings.claims",
    }
    assert ("form_invalid", wanted) == (refused.value.code, set(refused.value.fields))
    assert replace(IDP, display_name="Twin") == read_record(
        IDP, FIELDS, {**typed_of(IDP, FIELDS), "display_name": "Twin"}
    )


def test_a_table_offers_spare_rows_and_is_bounded() -> None:
    """R-127: there is room for three rows more without any script, and no number makes a page endless."""
    field = FIELDS[11]
    assert 2 + 3 == field.rows_of(typed_of(IDP, FIELDS))
    for number in ("99999999999", "9" * 5000):
        assert 1000 + 3 == field.rows_of({f"mappings.claims.{number}.remote": "x"})


def test_differences_are_told_in_the_words_of_the_form() -> None:
    """Issue 7: what changes is told by labels, before and after."""
    after = replace(IDP, policy=replace(IDP.policy, prompt_mode=PromptMode.CONSENT), display_name="B")
    assert [("Name", "Acme", "B"), ("Mode", "silent", "consent")] == told_apart(after)


def test_name_of_a_pair_may_hold_the_sign_between_them() -> None:
    """Issue 7: an address with a query is a name too, typed as pairs are shown; without a sign there is no pair."""
    pairs = {"https://a.example/?b=c": "shop", "plain": "a = b", "tight": "x=y"}
    typed = {"connection.extra_parameters": "https://a.example/?b=c = shop\r\nplain = a = b\r\n tight=x=y "}
    assert pairs == read_record(IDP, PAIRS, typed).connection.extra_parameters
    with pytest.raises(InvalidInput) as refused:
        read_record(IDP, PAIRS, {"connection.extra_parameters": "nothing"})
    assert "form_invalid" == refused.value.code


def test_box_that_is_not_there_is_told_and_what_has_none_stays() -> None:
    """Issue 7: a ticked box that is gone is a fault, never an empty list; a value without a box is kept."""
    kinds = (FactorKind.EMAIL, FactorKind.PASSKEY, FactorKind.TOTP)
    idp = replace(IDP, second_factor=SecondFactorRule(kinds=kinds))
    boxes = tuple(field for field in FIELDS if field.path == "second_factor.kinds")
    typed = {"second_factor.kinds.totp": "on", "second_factor.kinds.email_otp": "on"}
    assert kinds == read_record(idp, boxes, typed).second_factor.kinds
    assert kinds[1:] == read_record(idp, boxes, {"second_factor.kinds.totp": "on"}).second_factor.kinds
    with pytest.raises(InvalidInput) as refused:
        read_record(IDP, boxes, {"second_factor.kinds.gone": "on"})
    assert {"second_factor.kinds"} == set(refused.value.fields)


def test_what_has_no_field_is_not_taken_from_what_is_posted() -> None:
    """R-114: id, version, short name and keys are ours, whatever a browser sends beside the fields of the form."""
    sent = {
        **typed_of(IDP, FIELDS),
        "display_name": "Twin",
        "id": "id-2",
        "name": "other",
        "version": "99",
        "connection.private_key": "a key",
        "connection.client_id": "somebody",
    }
    assert replace(IDP, display_name="Twin") == read_record(IDP, FIELDS, sent)
