"""How names, distinguished names and filters of a directory are written: RFC 4512, 4514 and 4515 (pure).

Only what an operator writes is read here; what is sent to a directory is put together and escaped at its door.
"""

import re

DEEPEST_FILTER = 20
LONGEST = 2_000
"""Bounds of what an operator may write."""

_TYPE = r"(?:[A-Za-z][A-Za-z0-9-]{0,99}|[0-9]+(?:\.[0-9]+)+)"
_ATTRIBUTE = re.compile(_TYPE + r"(?:;[A-Za-z0-9-]{1,50})*")
_OBJECT_CLASS = re.compile(_TYPE)

# RFC 4514 3: what must be escaped in a value may stand there after a backslash alone.
_VALUE = r"(?:\\[0-9A-Fa-f]{2}|\\[ \"#+,;<=>\\]|[^\"+,;<>\\\0])*"
_PAIR = re.compile(rf"\s*({_TYPE})\s*=\s*({_VALUE})")

# RFC 4515 3; an extensible match names an attribute, a rule, or both.
_ITEM = re.compile(
    rf"(?P<attribute>{_ATTRIBUTE.pattern})?(?P<extended>(?::dn)?(?::{_TYPE})?:)?(?P<kind>[~<>]?=)"
    r"(?P<value>(?:\\[0-9A-Fa-f]{2}|[^\\()\0])*)"
)

RDN = tuple[tuple[str, str], ...]


def is_attribute_name(text: str) -> bool:
    """Say whether a text is an attribute's name or number, with options if there are any (RFC 4512 2.5)."""
    return _ATTRIBUTE.fullmatch(text) is not None


def is_object_class(text: str) -> bool:
    """Say whether a text is the name or the number of an object class."""
    return _OBJECT_CLASS.fullmatch(text) is not None


def parse_dn(text: str) -> tuple[RDN, ...] | None:
    """Return the parts of a distinguished name in lower case, the innermost first; ``None`` where it is none.

    Enough to compare two names of an operator's; the directory alone knows which attributes compare how.
    """
    rdns: list[RDN] = []
    pairs: list[tuple[str, str]] = []
    at = 0
    while 0 < len(text) <= LONGEST:
        match = _PAIR.match(text, at)
        if match is None:
            return None
        value = match[2].strip()
        if not value:
            return None
        pairs.append((match[1].lower(), value.lower()))
        at = match.end()
        separator = text[at : at + 1]
        if separator == "+":
            at += 1
            continue
        rdns.append(tuple(sorted(pairs)))
        pairs = []
        if not separator:
            return tuple(rdns)
        if separator != ",":
            return None
        at += 1
    return None


def is_below(dn: tuple[RDN, ...], base: tuple[RDN, ...]) -> bool:
    """Say whether a distinguished name stands somewhere below a base."""
    return len(dn) > len(base) and dn[-len(base) :] == base


def find_filter_fault(text: str) -> str | None:
    """Say what is wrong with a filter (RFC 4515), ``None`` where it is well written."""
    if not text.startswith("("):
        return "A filter stands in parentheses, such as (objectClass=person)."
    if len(text) > LONGEST:
        return f"A filter has at most {LONGEST} characters."
    end, fault = _filter(text, 0, depth=0)
    if fault:
        return fault
    return None if end == len(text) else "Something stands behind the filter's last parenthesis."


def find_name_filter_fault(text: str) -> str | None:
    """Say what is wrong with a filter in which ``?`` stands for a name, ``None`` where it is well written.

    The attack: a ``?`` that is only a part of a value, as in ``(mail=?*)``, finds others than the one who is meant.
    """
    if fault := find_filter_fault(text):
        return fault
    if "=?)" not in text:
        return "The name's place is a whole value, written ?, such as in (uid=?)."
    rest = text.replace("=?)", "")
    return "A ? stands for the whole value alone, as in (uid=?)." if "?" in rest else None


def _filter(text: str, at: int, *, depth: int) -> tuple[int, str | None]:
    """Read one filter from its opening parenthesis; return where it ends, and what is wrong."""
    if depth > DEEPEST_FILTER:
        return at, f"A filter is at most {DEEPEST_FILTER} deep."
    sign = text[at + 1 : at + 2]
    if sign in {"&", "|", "!"}:
        end, fault = _parts(text, at + 2, sign, depth)
    else:
        end, fault = _item(text, at + 1)
    if fault:
        return end, fault
    if text[end : end + 1] != ")":
        return end, f"A closing parenthesis is missing at character {end + 1}."
    return end + 1, None


def _parts(text: str, at: int, sign: str, depth: int) -> tuple[int, str | None]:
    count, fault = 0, None
    while fault is None and text[at : at + 1] == "(":
        at, fault = _filter(text, at, depth=depth + 1)
        count += 1
    if fault is None and (count == 0 or (sign == "!" and count > 1)):
        fault = f"{sign} needs {'one filter' if sign == '!' else 'filters'} behind it."
    return at, fault


def _item(text: str, at: int) -> tuple[int, str | None]:
    match = _ITEM.match(text, at)
    if match is None or not (match["attribute"] or match["extended"]):
        return at, f"At character {at + 1} an attribute with a value is missing, such as uid=ada."
    if match["extended"] and match["kind"] != "=":
        return at, f"At character {at + 1} a matching rule is followed by :=."
    return match.end(), None
