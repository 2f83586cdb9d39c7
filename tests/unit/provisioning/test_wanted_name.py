"""The wanted name, by the order of jit.md 4."""

import pytest

from jitney.provisioning.wanted_name import NameSource, NamingRule, choose_wanted_name, fill_template

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
