"""Every acceptance scenario that belongs to what is built is carried by a test."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest
from tests.scenario_summary import in_order, scenarios_of

TESTS = Path(__file__).parents[1]

BUILT = {
    "A1": "silent: the user is in the store under the federated name",
    "A2": "password and consent: the typed password signs in later",
    "A3": "username mode, PRIMARY: a typed domain places nobody",
    "A4": "consent only: the user is made",
    "A5": "username mode, as in username: a typed domain places",
    "A6": "deleted and back under another mode: made anew",
    "A7": "associating_to_existing_user on: linked, attributes from the provider; ours: only once it is proven",
    "A8": "the same off: the namesake is unchanged; ours: the name is taken, so that no sign-in follows",
    "B1": "nobody was authenticated: nothing is done",
    "B2": "a local sign-in provisions nobody",
    "B3": "a federated sign-in provisions",
    "B4": "linked and locked or pending: refused",
    "B5": "linked and free: signed in",
    "B6": "whether the page shows the name, and lets it be changed",
    "B7": "lookups that are empty or find nothing to look for",
    "B8": "a lookup that finds several",
    "B9": "an e-mail lookup that finds one",
    "B10": "no link without a provider or a subject",
    "B12": "OVERRIDE_ALL leaves only the provider's roles, and everyone",
    "B13": "OVERRIDE_ALL with an empty list takes all but everyone",
    "B14": "merging takes nothing",
    "B16": "ours: a role that may not be given is dropped with a reason; one lost in the commit leaves no half",
    "C1": "one name from two providers",
    "C2": "strange subjects",
    "C3": "fifty first sign-ins at once",
    "C4": "a crash between account and link",
    "C5": "deleted and back",
    "C6": "a local rename",
    "C7": "an attribute that is no longer sent",
    "C8": "lists, and values with commas",
    "C9": "an operator's role under override",
    "C10": "a role that was revoked upstream",
    "C11": "a store that cannot take anybody, when the policy is saved",
    "C12": "a store that fails during the sign-in",
    "C13": "a name against the pattern",
    "C14": "a form that was tampered with",
    "C15": "a consent box that is absent",
    "C16": "a password against the rule",
    "C17": "an unverified e-mail",
    "C18": "states of an account in a sign-in",
    "C19": "a provider deleted with its users: plan, job, crash, the rest unlinked",
    "C20": "an attribute that a provider masters, edited by any door",
    "C21": "a second factor for federated people",
    "C22": "provisioning switched off afterwards",
    "C23": "known, through a second provider",
    "C24": "two federated proofs in one sign-in",
    "C25": "a claim with a URI of its own",
    "C26": "a form that sets a flag, a source or a role",
}

ELSEWHERE = {
    **dict.fromkeys(("A9", "A10"), "outbound provisioning to other systems is another issue's"),
    **{f"A{number}": "the WSO2-compatible REST door is another issue's" for number in range(11, 22)},
    "B11": "we generate no passwords: without a typed one there is none (jit.md 4)",
    "B15": "there are no approval workflows",
}


def carried() -> dict[str, list[str]]:
    """Return scenario → the tests whose docstring begins with its number."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for number in scenarios_of(ast.get_docstring(node)):
                    found[number].append(f"{path.relative_to(TESTS)}::{node.name}")
    return found


def test_every_scenario_of_what_is_built_is_carried_by_a_test() -> None:
    """Each number of sections 2 to 9 and 11 stands at the head of a test's docstring."""
    found = carried()
    missing = [
        f"{number}: {BUILT[number]}" for number in sorted(BUILT, key=in_order) if not found.get(number)
    ]
    assert [] == missing, "No test carries\n  " + "\n  ".join(missing)


def test_every_scenario_is_accounted_for() -> None:
    """Each number from A1 to C26 is built, or listed with the reason why not here; no test carries another."""
    every = {
        f"{letter}{number}"
        for letter, last in (("A", 21), ("B", 16), ("C", 26))
        for number in range(1, last + 1)
    }
    assert every == BUILT.keys() | ELSEWHERE.keys()
    assert set() == BUILT.keys() & ELSEWHERE.keys()
    assert set() == carried().keys() - every


@pytest.mark.parametrize(
    ("docstring", "numbers"),
    [
        ("C14: a form that was tampered with is refused.", ["C14"]),
        ("A3, B6: the page shows the name.", ["A3", "B6"]),
        ("R-019, C14, P-2: nothing is believed.", ["C14"]),
        ("R-019: not even C14 counts here.", []),
        ("A user: not a number.", []),
        ("C1, onNameTaken = suffix: two accounts.", ["C1"]),
        ("What A1 says: nothing.", []),
        ("C1 without a colon.", []),
        (None, []),
    ],
)
def test_numbers_are_read_from_the_head_of_a_docstring(docstring: str | None, numbers: list[str]) -> None:
    """Only what stands before the first colon counts."""
    assert numbers == scenarios_of(docstring)
