r"""Patterns in the dialect of Java, rewritten for the ``regex`` library.

Administrators bring their patterns from user stores that speak Java (``java.util.regex.Pattern``).
The two dialects differ where it hurts most: in Java ``\w``, ``\d``, ``\s`` and the POSIX classes mean
ASCII unless a flag says otherwise, so that an unchanged pattern would let more names in than its author
wrote.
"""

from collections.abc import Callable

import regex

_ASCII_CLASSES = {
    "d": "0-9",
    "w": "a-zA-Z_0-9",
    "s": r" \t\n\x0b\f\r",
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    "Graph": r"\x21-\x7e",
    "Print": r"\x20-\x7e",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": r" \t\n\x0b\f\r",
}

_TOKEN = regex.compile(
    r"""
      \\Q (?<quoted> .*? ) (?: \\E | \Z )
    | \\ (?<sign> [pP] ) \{ (?<property> \w+ ) \}
    | \\ (?<shorthand> [dwsDWS] )
    | \\k < (?<group> \w+ ) >
    | \\x \{ (?<code> [0-9a-fA-F]{1,8} ) \}
    | \\ .
    | (?<bracket> [\[\]] )
    | (?<operator> -- | \|\| | ~~ )
    | .
    """,
    regex.VERBOSE | regex.DOTALL | regex.V1,
)


def rewrite_java_pattern(pattern: str) -> str:
    """Return the pattern as the ``regex`` library (version 1 behaviour) understands it.

    What is alike in both dialects stays untouched: classes inside classes, ``&&``, look-aheads, possessive
    quantifiers, Unicode properties. Never fails; a pattern that is wrong stays wrong.
    """
    depth = 0
    parts: list[str] = []
    for token in _TOKEN.finditer(pattern):
        if token["bracket"]:
            depth = max(0, depth + (1 if token["bracket"] == "[" else -1))
        if token["operator"] and depth:
            # Set operators of the library, plain characters in Java.
            parts.append("\\" + token["operator"][0] + "\\" + token["operator"][1])
        else:
            parts.append(_rewritten(token))
    return "".join(parts)


def _rewritten(token: "regex.Match[str]") -> str:
    for name, rewrite in _REWRITES.items():
        if token[name] is not None:
            return rewrite(token[name], token[0])
    return token[0]


def _ascii_class(name: str, whole: str) -> str:
    characters = _ASCII_CLASSES.get(name)
    if characters is None:
        return whole
    return f"[{'^' if whole[1] == 'P' else ''}{characters}]"


def _shorthand(letter: str, _whole: str) -> str:
    return f"[{'^' if letter.isupper() else ''}{_ASCII_CLASSES[letter.lower()]}]"


_REWRITES: dict[str, Callable[[str, str], str]] = {
    "quoted": lambda text, _whole: regex.escape(text, special_only=False),
    "property": _ascii_class,
    "shorthand": _shorthand,
    "group": lambda name, _whole: f"(?P={name})",
    "code": lambda digits, _whole: f"\\U{int(digits, 16):08x}",
}
