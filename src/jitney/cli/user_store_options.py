"""What the options of ``jitney store add`` and ``edit`` say, as a document would say it."""

import tomllib
from collections.abc import Mapping, Sequence

import click


def as_tree(options: Mapping[str, object]) -> dict[str, object]:
    """Return the options that were given by the keys of a document.

    The value behind ``--set`` is one of TOML, and a text where it is none: ``read_only=true``, ``user_base=ou=a``.
    """
    pairs = {"attributes": _pairs(options.get("attributes")), "others": _pairs(options.get("others"))}
    tree = {key: value for key, value in options.items() if value is not None and key not in pairs}
    tree |= {key: _value(text) for key, text in pairs["others"].items()}
    return {**tree, "attributes": dict(pairs["attributes"])} if pairs["attributes"] else tree


def _pairs(written: object) -> dict[str, str]:
    texts: Sequence[str] = written if isinstance(written, tuple) else ()
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.UsageError(f"A pair is written KEY=VALUE, not {text!r}.")
        found[key] = value
    return found


def _value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
