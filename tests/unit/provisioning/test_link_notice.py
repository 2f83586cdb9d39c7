"""The letter about a new link."""

from datetime import UTC, datetime

from jitney.model.user import BY_THE_PERSON, AttributeValue, User, Username
from jitney.provisioning.link_notice import link_notice

NOW = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


def user(**attributes: str) -> User:
    values = {name: (AttributeValue(value, BY_THE_PERSON),) for name, value in attributes.items()}
    return User("u-1", Username("PRIMARY", "ada", "ada"), NOW, attributes=values)


def test_letter_names_the_provider_and_the_moment() -> None:
    """R-013: the letter goes to the stored verified address, and says what happened and what to do."""
    letter = link_notice(user(email="ada@acme.example", email_verified="true"), "Acme", id="m-1", now=NOW)
    assert letter is not None
    assert ("m-1", "ada@acme.example", NOW, NOW) == (letter.id, letter.to, letter.created, letter.due)
    assert "You can now sign in through Acme" == letter.subject
    assert "2026-11-02 at 08:30 (UTC)" in letter.text


def test_without_a_verified_address_there_is_no_letter() -> None:
    """R-013: an address that nobody has verified gets no letter."""
    for attributes in ({}, {"email": "a@b.example"}, {"email": "a@b.example", "email_verified": "false"}):
        assert link_notice(user(**attributes), "Acme", id="m-1", now=NOW) is None


def test_name_of_a_provider_cannot_write_the_letter() -> None:
    """R-029: line breaks and long texts in a display name add no header and no paragraph."""
    name = "Acme\r\nBcc: eve@evil.example\n\n" + "x" * 500
    letter = link_notice(user(email="ada@acme.example", email_verified="true"), name, id="m-1", now=NOW)
    assert letter is not None
    assert letter.subject.isprintable()
    assert len(letter.subject) < 150
    assert "\nBcc" not in letter.text
