"""Names and passwords against a store's rules (R-014, R-028, R-030)."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.provisioning.arrivals import always, rules

from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.store_rules import (
    Verdict,
    canonical_username,
    is_shaped_like_email,
    password_violation,
    role_violation,
    username_violation,
)

STORE = UserStoreDescription("PRIMARY")
CASED = UserStoreDescription("PRIMARY", case_insensitive_usernames=False)


def violation(name, *, verified=None, by=None):
    found = username_violation(canonical_username(STORE, name), by or rules(), verified_email=verified)
    return found.reasons[-1].code if found else None


@pytest.mark.parametrize(
    ("name", "key", "cased_key"),
    [
        ("Alice", "alice", "Alice"),
        ("STRASSE", "strasse", "STRASSE"),
        ("Straße", "strasse", "Straße"),
        ("Zoe\u0308", "zoë", "Zoë"),
        ("ａｌｉｃｅ", "alice", "alice"),
        ("ΣΑΣ", "σασ", "ΣΑΣ"),
        ("alice@corp.example", "alice@corp.example", "alice@corp.example"),
    ],
)
def test_names_compare_by_one_canonical_form(name, key, cased_key):
    """R-030: NFKC and case folding make the key; case stays where the store distinguishes it."""
    assert (key, cased_key) == (canonical_username(STORE, name).key, canonical_username(CASED, name).key)
    assert unicodedata.normalize("NFC", name) == canonical_username(STORE, name).name


@given(st.text())
def test_canonical_form_is_stable(name):
    """R-030: canonicalising a key again changes nothing."""
    key = canonical_username(STORE, name).key
    assert key == canonical_username(STORE, key).key


@given(st.text(max_size=60))
def test_name_is_never_cut(name):
    """A name is normalised and nothing else."""
    assert unicodedata.normalize("NFC", name) == canonical_username(STORE, name).name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("alice", None),
        ("Ana-María", None),
        ("山田太郎", None),
        ("al", "user_name_breaks_pattern"),
        ("a b c", "user_name_breaks_pattern"),
        ("x" * 50, None),
        ("x" * 51, "user_name_breaks_pattern"),
        ("x" * 256, "user_name_length"),
        ("", "user_name_length"),
        ("   ", "user_name_length"),
        ("ali\0ce", "user_name_forbidden_characters"),
        ("ali\u202ece", "user_name_forbidden_characters"),
        ("ali\u200bce", "user_name_forbidden_characters"),
        ("ali\u00a0ce", "user_name_forbidden_characters"),
        ("ali\ue000ce", "user_name_forbidden_characters"),
        ("ali\ud800ce", "user_name_forbidden_characters"),
        ("ali\nce", "user_name_forbidden_characters"),
        ("Internal", "user_name_reserved"),
        ("ＳＹＳＴＥＭ", "user_name_reserved"),
        ("everyone", "user_name_reserved"),
        ("primary", "user_name_reserved"),
        ("System/bob", "user_name_reserved"),
        ("ＳＹＳＴＥＭ/bob", "user_name_reserved"),
    ],
)
def test_user_name_is_checked_as_a_whole(name, code):
    """R-029, R-030: characters, length, reserved names and the store's pattern."""
    assert code == violation(name)


def test_reserved_name_is_reserved_in_any_store():
    """R-032: a store that distinguishes case lends no case to a reserved name."""
    cased = rules(case_insensitive_usernames=False)
    found = username_violation(canonical_username(CASED, "INTERNAL"), cased, verified_email=None)
    assert found is not None
    assert found.reasons[-1].code == "user_name_reserved"


def test_both_forms_must_fit_the_pattern():
    """R-030: a name whose folded twin breaks the rule is refused."""
    assert violation("ß" * 30) == "user_name_breaks_pattern"
    by_case = replace(rules(), username=lambda text: Verdict.MATCHES if text != "alice" else Verdict.DIFFERS)
    assert violation("Alice", by=by_case) == "user_name_breaks_pattern"


EMAILS = [
    # name                  | verified address       | code
    ("ana@acme.example",      "ana@acme.example",      None),
    ("Ana@Acme.example",      "ana@acme.example",      None),
    ("ana@acme.example",      None,                    "user_name_is_unverified_email"),
    ("ceo@corp.example",      "ana@acme.example",      "user_name_is_unverified_email"),
    ("ceo＠corp.example",     "ana@acme.example",      "user_name_is_unverified_email"),
    ("@ana",                  None,                    None),
    ("ana@",                  None,                    None),
    ("ana",                   None,                    None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "verified", "code"), EMAILS)
def test_name_shaped_like_an_address_must_be_the_persons_own(name, verified, code):
    """R-014: a user name that looks like an e-mail address is refused unless it is the user's own verified one."""
    assert code == violation(name, verified=verified)


def test_shape_of_an_address():
    """Something on both sides of an ``@``."""
    assert [is_shaped_like_email(n) for n in ("a@b", "a@b@c", "a@", "a")] == [True, True, False, False]


def test_violation_shows_the_stores_own_message_and_a_time_out_is_one():
    """A time-out counts as a violation, and a reason tells the operator."""
    slow = replace(rules(), username=always(Verdict.TIMED_OUT))
    found = username_violation(canonical_username(STORE, "alice"), slow, verified_email=None)
    assert found is not None
    assert [reason.code for reason in found.reasons] == ["pattern_timed_out", "user_name_breaks_pattern"]
    assert STORE.username.message == found.sentence


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("staff", None),
        ("x", "role_name_breaks_pattern"),
        ("st\u200baff", "role_name_forbidden_characters"),
        ("x" * 101, "role_name_too_long"),
    ],
)
def test_role_name_is_checked(name, code):
    """The whole role name must match the store's pattern; no pattern makes one longer than a hundred characters."""
    found = role_violation(name, rules())
    assert code == (found.reasons[-1].code if found else None)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("correct-horse", None),
        ("", "password_blank"),
        (" \t ", "password_blank"),
        ("pass word", "password_breaks_pattern"),
        ("é" * 513, "password_too_long"),
    ],
)
def test_password_meets_the_stores_rule(password, code):
    """R-028, R-042: a password fits the target store's rule, and the violation never quotes it."""
    found = password_violation(password, rules())
    assert code == (found.reasons[-1].code if found else None)
    assert found is None or not password.strip() or password not in repr(found)
