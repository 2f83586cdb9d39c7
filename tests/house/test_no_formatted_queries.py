"""R-041: DNs, filters and SQL are put together by the helpers that escape, and nowhere else."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "jitney"

HELPERS = {"userstores/ldap/wire/names.py"}
"""Where DNs and filters are made; SQL is made by SQLAlchemy, which puts no value into a statement."""

NAMES_OF_OURS = {"database/constraints.py": 1, "database/one_statement.py": 1}
"""Statements that hold names of our own tables and columns, and no value; as many as were looked at."""

_FILTER = r"\(\s*[&|!]|\(\s*[A-Za-z][\w.;:-]*\s*[~<>]?=|<GUID="
_DN = r"(^|,\s*)(cn|ou|dc|uid|o|l|st|c|sn|mail|samaccountname|member)\s*=|^=|=$|^,(cn|ou|dc|o)="
_SQL = (
    r"\bSELECT\b.+\bFROM\b|\bINSERT\s+INTO\b|\bUPDATE\b.+\bSET\b|\bDELETE\s+FROM\b|"
    r"\b(CREATE|DROP|ALTER|TRUNCATE)\s+(TABLE|INDEX|SCHEMA)\b|\b(WHERE|VALUES|ORDER BY)\b"
)
_QUERY = re.compile(f"{_FILTER}|{_SQL}")
_ANY = re.compile(f"{_FILTER}|{_SQL}|(?i:{_DN})")


def _texts(node: ast.AST) -> Iterator[str]:
    """Return the constant parts of a text that is put together."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def _is_put_together(node: ast.AST) -> bool:
    """Say whether a text is made here out of parts, at least one of which is no constant."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return not all(isinstance(side, ast.Constant) for side in (node.left, node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        on_text = isinstance(node.func.value, ast.Constant) and isinstance(node.func.value.value, str)
        return on_text and node.func.attr in {"format", "join", "format_map", "replace"}
    return False


def formatted_queries(source: str, *, of_directories: bool) -> list[int]:
    """Return the lines on which a query is put together; DNs are looked for where directories are spoken to."""
    shape = _ANY if of_directories else _QUERY
    return sorted(
        {
            node.lineno
            for node in ast.walk(ast.parse(source))
            if _is_put_together(node) and any(shape.search(text) for text in _texts(node))
        }
    )


def test_no_query_is_put_together_by_hand() -> None:
    """R-041: no f-string, no ``%``, no ``+`` and no ``format`` makes a DN, a filter or SQL."""
    found: dict[str, list[int]] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        lines = formatted_queries(path.read_text(), of_directories=place.startswith("userstores/ldap/"))
        if lines and place not in HELPERS and len(lines) != NAMES_OF_OURS.get(place):
            found[place] = lines
    assert {} == found


@pytest.mark.parametrize(
    "line",
    [
        'f"(uid={name})"',
        'f"(&(objectClass=person)(mail={value}))"',
        '"(uid=%s)" % name',
        '"(uid=" + name + ")"',
        '"(uid={})".format(name)',
        'f"uid={name},{base}"',
        '"uid=" + name + "," + base',
        'f"{attribute}={name},{base}"',
        'f"{rdn},dc=example"',
        'f"<GUID={guid}>"',
        "f\"SELECT id FROM users WHERE name = '{name}'\"",
        "\"DELETE FROM users WHERE id = '%s'\" % id",
        'f"DROP TABLE {name}"',
        "f\"UPDATE users SET name = '{name}'\"",
    ],
)
def test_the_lint_finds_a_query_that_is_put_together(line: str) -> None:
    """R-041: each way in which a query is put together by hand is found."""
    assert [1] == formatted_queries(line, of_directories=True)


@pytest.mark.parametrize(
    "line",
    [
        '"(objectClass=inetOrgPerson)"',
        'f"{place} does not answer: a firewall may stand between."',
        'f"The certificate is good until {ends:%Y-%m-%d}."',
        'equality("uid", name)',
        "select(users).where(users.c.name == name)",
    ],
)
def test_the_lint_leaves_plain_texts_alone(line: str) -> None:
    """R-041: a constant filter, a sentence and an expression of SQLAlchemy's are no finding."""
    assert [] == formatted_queries(line, of_directories=True)
