"""What codes mean to operators: each word and each advice belongs to a code that exists."""

import ast
import re
from pathlib import Path

import jitney
from jitney.administration.records.outcome_advice import ADVICE, FAMILY_ADVICE, find_advice
from jitney.administration.records.outcome_words import FAMILIES, WORDS, says
from jitney.provisioning.sentences import SENTENCES

SOURCE = Path(jitney.__file__).parent
TABLES = {SOURCE / "administration" / name for name in ("outcome_advice.py", "outcome_words.py")}
REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "error-codes.md"


def codes() -> set[str]:
    """Return every code that the reference lists, and every text of the source that could be one."""
    listed = set(re.findall(r"^(?:\| |- )`([a-z_]+)`", REFERENCE.read_text(), re.MULTILINE))
    for path in sorted(set(SOURCE.rglob("*.py")) - TABLES):
        if path.parts[-2] in {"provisioning", "signin", "operations"}:
            nodes = ast.walk(ast.parse(path.read_text()))
            listed |= {
                node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
            }
    return listed


def test_every_word_and_advice_is_of_a_code_that_exists() -> None:
    """Issue 7: no advice stands for a code that no sign-in can have, and no family is empty."""
    known = codes()
    assert set() == (WORDS.keys() | ADVICE.keys()) - known
    assert [] == [start for start in FAMILIES if not any(code.startswith(start) for code in known)]
    assert FAMILIES.keys() == FAMILY_ADVICE.keys()
    assert {"no_such_code"} == {"no_such_code", "name_taken"} - known


def test_every_refusal_has_words_and_advice() -> None:
    """Issue 7: whatever a decision refuses by says what it means and what to do next."""
    assert set() == SENTENCES.keys() - WORDS.keys()
    assert set() == SENTENCES.keys() - ADVICE.keys()


def test_every_note_has_words() -> None:
    """Issue 7: each step of the reasoning is told in words, not as a code alone."""
    notes = REFERENCE.read_text().split("## Notes in an outcome")[1].split("## ")[0]
    assert set() == set(re.findall(r"^- `([a-z_]+)`", notes, re.MULTILINE)) - WORDS.keys()


def test_longer_beginning_goes_before_the_shorter() -> None:
    """Issue 7: the nearest family speaks for a code that has no words of its own."""
    starts = list(FAMILIES)
    assert [] == [
        (one, later) for at, one in enumerate(starts) for later in starts[at + 1 :] if later.startswith(one)
    ]
    assert FAMILIES["saml_response_"] == says("saml_response_root_unknown")
    assert FAMILY_ADVICE["saml_response_"] == find_advice("saml_response_root_unknown")
    assert ("something else", None) == (says("something_else"), find_advice("something_else"))
