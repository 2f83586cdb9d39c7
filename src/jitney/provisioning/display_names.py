"""What a person is called beside a user name, which may be a number that tells nobody anything (jit.md 10)."""

from collections.abc import Iterator

from jitney.model.user import User

_LONGEST = 100


def display_name_of(user: User) -> str | None:
    """Return the name that people know somebody by, at most 100 characters; ``None`` where nothing says one.

    The first of these that has one value counts: ``name``, given and family name, ``nickname``, ``email``.
    """
    return next((shown for text in _names(user) if (shown := _one_line(text))), None)


def _names(user: User) -> Iterator[str]:
    yield _single(user, "name")
    yield f"{_single(user, 'given_name')} {_single(user, 'family_name')}"
    yield _single(user, "nickname")
    yield _single(user, "email")


def _single(user: User, attribute: str) -> str:
    values = user.values(attribute)
    return values[0] if len(values) == 1 else ""


def _one_line(text: str) -> str:
    """Return a text that cannot break a table or hide its end, cut to what a line holds."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:_LONGEST]
