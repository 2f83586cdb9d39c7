"""A store's patterns, compiled into matchers that answer in bounded time.

A pattern is an administrator's input, and the text that it meets is a stranger's: ``(a+)+$`` against forty
letters would keep a processor busy for a century, and everybody else waiting.
So texts are bounded, every match has a time limit, and running out of time is no match.
"""

from functools import lru_cache

import regex

from jitney.errors import Misconfigured
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.store_rules import Matcher, StoreRules, Verdict
from jitney.userstores.java_dialect import rewrite_java_pattern

SECONDS = 0.05
"""How long one match may take."""

MAX_PATTERN = 1_000
"""How many characters a pattern may have."""

MAX_TEXT = 1_024
"""How many characters a text may have; a longer one differs, without being looked at."""


def compile_matcher(pattern: str, *, path: str = "") -> Matcher:
    """Compile a pattern in the dialect of Java; the matcher asks whether it fits the whole text.

    Raises ``Misconfigured`` with ``pattern_invalid`` and the setting's ``path`` where it cannot be compiled.
    """
    compiled = _compiled(pattern, path)

    def matches(text: str) -> Verdict:
        if len(text) > MAX_TEXT:
            return Verdict.DIFFERS
        try:
            found = compiled.fullmatch(text, timeout=SECONDS)
        except TimeoutError:
            return Verdict.TIMED_OUT
        return Verdict.MATCHES if found else Verdict.DIFFERS

    return matches


@lru_cache(maxsize=256)
def compile_rules(store: UserStoreDescription) -> StoreRules:
    """Compile the three patterns of a store, once for each description; raises ``Misconfigured``."""
    where = f"user_store.{store.domain}"
    return StoreRules(
        description=store,
        username=compile_matcher(store.username.pattern, path=f"{where}.username"),
        password=compile_matcher(store.password.pattern, path=f"{where}.password"),
        role=compile_matcher(store.role.pattern, path=f"{where}.role"),
    )


def _compiled(pattern: str, path: str) -> "regex.Pattern[str]":
    if len(pattern) > MAX_PATTERN:
        raise _invalid(pattern, path, f"longer than {MAX_PATTERN} characters")
    try:
        return regex.compile(rewrite_java_pattern(pattern), regex.V1)
    # The library's parser leaks more kinds of error than its own for odd input; each means the same here.
    except (regex.error, ValueError, LookupError, ArithmeticError, RecursionError, TypeError) as error:
        raise _invalid(pattern, path, str(error)) from error


def _invalid(pattern: str, path: str, why: str) -> Misconfigured:
    return Misconfigured(
        "pattern_invalid",
        "A pattern of a user store cannot be used.",
        path=path,
        pattern=pattern[:MAX_PATTERN],
        why=why,
    )
