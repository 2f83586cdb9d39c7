"""Every verb that an operator may call says first which right it needs; and the law can fail."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jitney.administration

ROOM = Path(jitney.administration.__file__).parent

GUARD = re.compile(r"operator\.need\(Right\.|.*\bself(?:\.\w+)*\(operator[,)]")
"""A verb asks itself, or the very first that it does is to call one that asks, with the operator."""

ASKS_NOBODY = {
    "AuditTrail.record": "writes down what was done, and is no act of its own",
    "PersonAccess.may_help": "is a question about rights",
    "RecordsExport.may_export": "is a question about rights",
}
"""Verbs that ask for no right, each with the reason."""


def unguarded(source: str) -> Iterator[str]:
    """Yield the public verbs with an operator whose first act is not to ask for a right."""
    for kind in ast.walk(ast.parse(source)):
        if not isinstance(kind, ast.ClassDef):
            continue
        for verb in kind.body:
            if isinstance(verb, ast.FunctionDef | ast.AsyncFunctionDef) and _is_verb(verb):
                acts = verb.body[1:] if ast.get_docstring(verb) else verb.body
                if not GUARD.match(ast.unparse(acts[0])):
                    yield f"{kind.name}.{verb.name}"


def _is_verb(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    return "operator" in names and not function.name.startswith("_")


def test_every_verb_asks_for_a_right_first() -> None:
    """R-110, R-112: behind the door each verb asks once more, before it has looked at anything."""
    found = {verb for file in ROOM.rglob("*.py") for verb in unguarded(file.read_text())}
    assert set(ASKS_NOBODY) == found


def test_verb_that_asks_late_or_never_is_found() -> None:
    """The law sees a verb that asks for nothing, and one that asks when it has acted."""
    guarded = "class A:\n    async def get(self, operator):\n        operator.need(Right.SEE)\n"
    never = "class B:\n    async def get(self, operator):\n        return 1\n"
    late = "class C:\n    def put(self, *, operator):\n        act()\n        operator.need(Right.SEE)\n"
    assert ["B.get", "C.put"] == list(unguarded(guarded + never + late))
