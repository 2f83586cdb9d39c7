"""What a person is called beside their user name."""

import pytest
from tests.unit.provisioning.arrivals import ACME, user, values

from jitney.provisioning.display_names import display_name_of

NAMES = {"given_name": "Ada", "family_name": "Lovelace"}


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ({"name": "Ada L.", **NAMES, "nickname": "ada", "email": "a@acme.example"}, "Ada L."),
        ({**NAMES, "nickname": "ada"}, "Ada Lovelace"),
        ({"given_name": "Ada", "nickname": "countess"}, "Ada"),
        ({"nickname": "ada", "email": "a@acme.example"}, "ada"),
        ({"email": "a@acme.example"}, "a@acme.example"),
        ({"name": "  ", "email": "a@acme.example"}, "a@acme.example"),
        ({"locale": "de"}, None),
        ({}, None),
        ({"name": "Ada\n\u202eevil\x1b[2J"}, "Ada evil [2J"),
        ({"name": "x" * 300}, "x" * 100),
    ],
)
def test_the_first_name_that_says_something_is_shown(attributes, shown):
    """jit.md 10: name, given and family name, nickname, address; never what could draw on a terminal or a page."""
    held = {name: values(ACME, text) for name, text in attributes.items()}
    assert shown == display_name_of(user(attributes=held))


def test_an_attribute_of_several_values_names_nobody():
    """jit.md 10: which of two names is meant, nobody knows."""
    held = {"name": values(ACME, "Ada", "Bob"), "nickname": values(ACME, "ada")}
    assert "ada" == display_name_of(user(attributes=held))
