"""The wanted name, by the order of jit.md 4."""

import pytest

from jitney.model.policy import PromptMode, ProvisioningPolicy
from jitney.provisioning.wanted_name import (
    NameSource,
    NamingRule,
    WantedName,
    choose_wanted_name,
    fill_template,
    suffixed,
    wanted_of,
)

ANA = {"given_name": ("Ana",), "address.locality": ("Lugano",), "departments": ("a", "b")}

ORDER = [
    # user-id claim | template           | federated id | name    | from                          | noted
    ("emp-7",         "{given_name}",      "uuid",        "emp-7",  NameSource.USER_ID_CLAIM,       []),
    (None,            "{given_name}",      "uuid",        "uuid",   NameSource.FEDERATED_USER_ID,   []),
    (None,            "{given_name}",      None,          "Ana",    NameSource.TEMPLATE,            []),
    (None,            "{family_name}",     None,          "s-1",    NameSource.SUBJECT,             ["username_template_not_filled"]),
    (None,            None,                None,          "s-1",    NameSource.SUBJECT,             []),
]  # fmt: skip


@pytest.mark.parametrize(("user_id", "template", "federated", "name", "source", "noted"), ORDER)
def test_first_source_that_has_a_name_wins(user_id, template, federated, name, source, noted):
    """User-id claim, federated unique user id, template, subject: in this order."""
    wanted, notes = choose_wanted_name(user_id, NamingRule(template, federated), ANA, subject="s-1")
    assert (name, source, noted) == (wanted.text, wanted.source, [note.code for note in notes])


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{given_name}.x", "Ana.x"),
        ("{given_name}-{address.locality}", "Ana-Lugano"),
        ("{{{given_name}}}", "{Ana}"),
        ("plain", "plain"),
        ("", None),
        ("{missing}", None),
        ("{departments}", None),
        ("{given_name", None),
        ("{}", None),
        ("{given_name!r}", None),
        ("{given_name:>900000000}", None),
        ("{given_name.__class__}", None),
        ("a\0b", None),
    ],
)
def test_template_takes_plain_single_attributes_only(template, filled):
    """A template is filled whole or not at all, and can reach nothing but attributes."""
    assert filled == fill_template(template, ANA)


FOUND = WantedName("s-1", NameSource.SUBJECT)
BOB = WantedName("bob", NameSource.TYPED)
TYPED = [
    # mode                                      | typed   | wanted
    (PromptMode.USERNAME_PASSWORD_AND_CONSENT,    "bob",    BOB),
    (PromptMode.USERNAME_PASSWORD_AND_CONSENT,    None,     FOUND),
    (PromptMode.USERNAME_PASSWORD_AND_CONSENT,    "",       FOUND),
    (PromptMode.USERNAME_PASSWORD_AND_CONSENT,    " ",      FOUND),
    (PromptMode.PASSWORD_AND_CONSENT,             "bob",    FOUND),
    (PromptMode.CONSENT,                          "bob",    FOUND),
    (PromptMode.SILENT,                           "bob",    FOUND),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "typed", "wanted"), TYPED)
def test_typed_name_goes_first_where_the_mode_lets_people_type_one(mode, typed, wanted):
    """A3, R-019: what the person typed, and only in the user name mode."""
    assert wanted == wanted_of(FOUND, ProvisioningPolicy(prompt_mode=mode), typed=typed)


@pytest.mark.parametrize(
    ("name", "number", "expected"), [("alice", 2, "alice2"), ("alice", 17, "alice17"), ("ana1", 2, "ana1-2")]
)
def test_suffix_never_makes_another_number_of_a_name(name, number, expected):
    """A number stands apart from a digit before it."""
    assert expected == suffixed(name, number)


def test_name_of_any_shape_is_taken_as_it_was_sent():
    """C2: a subject with slashes, spaces, an at sign, other letters or 300 characters is never cut."""
    for subject in ("https://idp/u/17", "a+b@x.example", "Zoë Müller", "日本", "x" * 300):
        wanted, _ = choose_wanted_name(None, NamingRule(), {}, subject=subject)
        assert WantedName(subject, NameSource.SUBJECT) == wanted
