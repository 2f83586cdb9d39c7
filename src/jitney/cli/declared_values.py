"""Kinds of values that declarations share: a list that may be one text, and a secret, which is refused."""

from typing import Annotated

from pydantic import BeforeValidator


def _refuse_plain_secret(value: object) -> object:
    """Refuse a secret in the file itself.

    The attack: such files are kept in repositories, copied into tickets and read by everybody who may read
    the settings; a secret in one is known to all of them, for ever.
    """
    if value is not None:
        raise ValueError("a secret does not stand in this file: name a file (…_file) or a variable (…_env)")
    return None


PlainSecret = Annotated[None, BeforeValidator(_refuse_plain_secret)]


def as_list(value: object) -> object:
    """Take one text or table for a list of it alone."""
    return [value] if isinstance(value, str | dict) else value


Texts = Annotated[list[str], BeforeValidator(as_list)]
