"""The ordered checks on an authorization request, one row each."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jitney.errors import JitneyError
from jitney.jose.key_set import KeySet
from jitney.model.application import Application, ClientAuthentication
from jitney.openid_provider.request_checks import (
    Asked,
    check_application,
    checked_request,
    parse_parameters,
    return_address,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
APPLICATION = Application("app", "App", ("https://app.example/cb",))
GOOD = {
    "client_id": "app",
    "redirect_uri": "https://app.example/cb",
    "response_type": "code",
    "scope": "openid profile",
    "state": "s",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


MANY_CLAIMS = '{"userinfo":{' + ",".join(f'"c{n}":null' for n in range(65)) + "}}"


def checked(parameters: dict[str, str | None], application: Application = APPLICATION):
    kept = {name: value for name, value in (GOOD | parameters).items() if value is not None}
    return checked_request(Asked(kept, application, "https://id.example", KeySet(())), now=NOW)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"response_type": None}, "response_type_missing"),
        ({"response_type": "token"}, "response_type_not_supported"),
        ({"response_type": "code id_token"}, "response_type_not_supported"),
        ({"response_type": "id_token token"}, "response_type_not_supported"),
        ({"response_type": "CODE"}, "response_type_not_supported"),
        ({"response_mode": "fragment"}, "response_mode_not_supported"),
        ({"response_mode": "web_message"}, "response_mode_not_supported"),
        ({"scope": None}, "scope_without_openid"),
        ({"scope": "profile email"}, "scope_without_openid"),
        ({"code_challenge": None, "code_challenge_method": None}, "pkce_missing"),
        ({"code_challenge": None}, "pkce_missing"),
        ({"code_challenge_method": "plain"}, "pkce_method_refused"),
        ({"code_challenge_method": None}, "pkce_method_refused"),
        ({"code_challenge_method": "s256"}, "pkce_method_refused"),
        ({"code_challenge": "short"}, "pkce_malformed"),
        ({"code_challenge": "=" * 43}, "pkce_malformed"),
        ({"prompt": "none login"}, "prompt_contradicts"),
        ({"prompt": "create"}, "prompt_unknown"),
        ({"max_age": "-1"}, "max_age_malformed"),
        ({"max_age": "1e3"}, "max_age_malformed"),
        ({"max_age": "\u0661"}, "max_age_malformed"),
        ({"max_age": "9999999999"}, "max_age_malformed"),
        ({"claims": "{"}, "claims_parameter_malformed"),
        ({"claims": "[]"}, "claims_parameter_malformed"),
        ({"claims": '{"id_token":[]}'}, "claims_parameter_malformed"),
        ({"claims": '{"id_token":{"sub":{"value":7}}}'}, "claims_parameter_malformed"),
        ({"claims": '{"id_token":{"a":1}}'}, "claims_parameter_malformed"),
        ({"claims": '{"id_token":{"acr":{"essential":true,"values":"x"}}}'}, "claims_parameter_malformed"),
        ({"claims": '{"id_token":{},"id_token":{}}'}, "claims_parameter_malformed"),
        ({"claims": MANY_CLAIMS}, "claims_parameter_malformed"),
        ({"id_token_hint": "not.a.token"}, "id_token_hint_invalid"),
        ({"id_token_hint": "eyJhbGciOiJub25lIn0.e30."}, "id_token_hint_invalid"),
    ],
)  # fmt: skip
def test_a_request_with_one_flaw_is_refused(changed: dict[str, str | None], code: str):
    """R-080, R-085, R-089: each flaw has its own reason, and the same request without it is accepted."""
    with pytest.raises(JitneyError) as refused:
        checked(changed)
    assert code == refused.value.code
    assert GOOD["code_challenge"] == checked({}).code_challenge


def test_a_good_request_is_kept_as_it_was_sent():
    """OIDC Core 3.1.2.1: every parameter that matters later is in the request."""
    request = checked(
        {
            "scope": "openid profile unknown openid", "nonce": "n", "prompt": "login consent", "max_age": "0",
            "login_hint": "ada", "acr_values": "a b", "ui_locales": "de", "response_mode": "form_post",
            "claims": '{"id_token":{"email":null,"acr":{"essential":true,"values":["x"]}},'
            '"userinfo":{"sub":{"value":"7"}}}',
        }
    )  # fmt: skip
    assert ("openid", "profile") == request.scopes
    assert ("n", ("login", "consent"), 0, "form_post") == (
        request.nonce, request.prompt, request.max_age, request.response_mode,
    )  # fmt: skip
    assert {"id_token": ("email", "acr"), "userinfo": ("sub",)} == request.claims
    assert ("7", ("x",), NOW) == (request.essential_subject, request.essential_acr, request.received)


def test_a_scope_that_was_not_registered_is_left_out():
    """RFC 6749 section 3.3: unknown and unregistered scopes are ignored."""
    assert ("openid",) == checked({}, replace(APPLICATION, scopes=("openid",))).scopes
    with pytest.raises(JitneyError) as refused:
        checked({}, replace(APPLICATION, scopes=("profile",)))
    assert "scope_not_allowed" == refused.value.code


def test_pkce_may_be_missing_only_by_the_risky_switch_and_never_for_public_applications():
    """R-080: a confidential application may be registered without PKCE; a public one may not."""
    risky = replace(APPLICATION, allow_missing_pkce_risky=True)
    without: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
    assert checked(without, risky).code_challenge is None
    with pytest.raises(JitneyError) as refused:
        checked(without, replace(risky, authentication=ClientAuthentication.NONE))
    assert "pkce_missing" == refused.value.code
    with pytest.raises(JitneyError) as plain:
        checked({"code_challenge_method": "plain"}, risky)
    assert "pkce_method_refused" == plain.value.code


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("a", "1"), ("a", "1")], "parameter_repeated"),
        ([("a", ""), ("a", "1")], "parameter_repeated"),
        ([(f"p{n}", "1") for n in range(65)], "too_many_parameters"),
        ([("state", "x" * 4097)], "parameter_too_long"),
        ([("other", "x" * 2049)], "parameter_too_long"),
        ([("state", "a\r\nb")], "parameter_malformed"),
        ([("state", "a\x00")], "parameter_malformed"),
        ([("login_hint", "a\u202eb")], "parameter_malformed"),
    ],
)
def test_parameters_that_two_readers_could_read_differently_are_refused(
    pairs: list[tuple[str, str]], code: str
):
    """R-089: doubled, oversized and control-laden parameters go no further."""
    with pytest.raises(JitneyError) as refused:
        parse_parameters(pairs)
    assert code == refused.value.code
    assert {"state": "ä b"} == parse_parameters([("state", "ä b"), ("empty", "")])


@pytest.mark.parametrize(
    ("parameters", "application", "code"),
    [
        ({}, None, "application_unknown"),
        ({}, replace(APPLICATION, enabled=False), "application_disabled"),
        ({}, APPLICATION, "redirect_uri_missing"),
        ({"redirect_uri": "https://evil.example/cb"}, APPLICATION, "redirect_uri_unknown"),
    ],
)
def test_without_a_way_back_nothing_is_answered(
    parameters: dict[str, str], application: Application | None, code: str
):
    """R-079: as long as application and address are not known, there is nobody to answer to."""
    with pytest.raises(JitneyError) as refused:
        return_address(parameters, check_application(application))
    assert code == refused.value.code
    assert "s" == return_address(GOOD, check_application(APPLICATION)).state
