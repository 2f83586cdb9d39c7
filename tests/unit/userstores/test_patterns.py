"""A store's patterns, in the dialect of Java and in bounded time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jitney.errors import Misconfigured
from jitney.model.user_store import NamePattern, UserStoreDescription
from jitney.provisioning.store_rules import Verdict
from jitney.userstores.java_dialect import rewrite_java_pattern
from jitney.userstores.patterns import MAX_PATTERN, MAX_TEXT, compile_matcher, compile_rules

LDAP = r"[a-zA-Z0-9._\-|/]{3,50}$"

PATTERNS = [
    # pattern                                   | matches             | differs
    (r"^[^\s*?%]{3,50}$",                         "https://idp/u/17",   "al"),
    (r"^[^\s*?%]{3,50}$",                         "Zoë",                "a b c"),
    (LDAP,                                        "a.b_c-d|e/f",        "alice@corp"),
    (LDAP,                                        "x" * 50,             "x" * 51),
    (r"^[\S]{8,128}$",                            "pässword",           "pass word"),
    (r"[a-z]+",                                   "abc",                "abc1"),
    (r"\w+",                                      "ab_1",               "é"),
    (r"\W",                                       "é",                  "e"),
    (r"[\w-]+",                                   "a-b",                "é"),
    (r"\d{3}",                                    "123",                "١٢٣"),
    (r"\p{Alpha}+",                               "abc",                "é"),
    (r"\P{Alpha}+",                               "1é",                 "a"),
    (r"[\p{Alnum}.]+",                            "a.1",                "é"),
    (r"\p{L}+",                                   "Łukasz",             "1"),
    (r"\p{IsAlphabetic}+",                        "Łukasz",             "1"),
    (r"[a-z&&[^aeiou]]+",                         "bcd",                "bad"),
    (r"(?=.*\d)(?=.*[A-Z])\S{4,}",                "Abc1",               "abcd"),
    (r"\Qa.b\E+",                                 "a.bb",               "axb"),
    (r"\Q[x",                                     "[x",                 "x"),
    (r"(?<q>['\"]).*\k<q>",                       "'a'",                "'a\""),
    (r"\x{e9}t\x{e9}",                            "été",                "ete"),
    (r"[a--]+",                                   "-a",                 "b"),
    (r"[a||b]+",                                  "a|b",                "c"),
    (r"a--b",                                     "a--b",               "a-b"),
    (r"[\[\]a]+",                                 "[a]",                "b"),
    (r"]a",                                       "]a",                 "a"),
    (r"(?i)abc",                                  "aBc",                "abd"),
    (r"a*+b",                                     "aab",                "aa"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "matching", "differing"), PATTERNS)
def test_pattern_means_what_java_means(pattern, matching, differing):
    """A pattern fits the whole text or nothing, with Java's meaning of its classes."""
    matcher = compile_matcher(pattern)
    assert (matcher(matching), matcher(differing)) == (Verdict.MATCHES, Verdict.DIFFERS)


def test_end_of_line_is_not_the_end_of_a_name():
    """A line break behind a name is part of the text, ``$`` or not."""
    assert Verdict.DIFFERS is compile_matcher(LDAP)("alice\n")


def test_runaway_pattern_runs_out_of_time():
    """Catastrophic backtracking ends as a verdict."""
    assert Verdict.TIMED_OUT is compile_matcher(r"(?:a|aa)+$|(a|a?)+b(a|a?)+c")("a" * 1000 + "!")


def test_long_text_differs_unread():
    """A text beyond the bound is not looked at."""
    matcher = compile_matcher(r".*")
    assert (matcher("x" * MAX_TEXT), matcher("x" * (MAX_TEXT + 1))) == (Verdict.MATCHES, Verdict.DIFFERS)


@pytest.mark.parametrize(
    "pattern", ["[", "(", "a{2", "*", r"\p{NoSuchThing}", "(?<a", r"\k<n>", "x" * (MAX_PATTERN + 1), "\\"]
)
def test_pattern_that_cannot_be_compiled_names_its_setting(pattern):
    """A broken pattern is refused when it is saved, with its path."""
    if pattern == "a{2":
        assert Verdict.MATCHES is compile_matcher(pattern)("a{2")
        return
    with pytest.raises(Misconfigured) as caught:
        compile_matcher(pattern, path="user_store.username")
    assert (caught.value.code, caught.value.path) == ("pattern_invalid", "user_store.username")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab[](){}^$*+?\\|-&~.,:=<>!PpQEkxdws0129éL#", max_size=14))
def test_any_pattern_compiles_or_is_refused(pattern):
    """Whatever is typed as a pattern ends as a matcher or as ``Misconfigured``."""
    try:
        verdict = compile_matcher(pattern)("ab")
    except Misconfigured:
        return
    assert verdict in set(Verdict)


def test_plain_pattern_is_not_rewritten():
    """What both dialects share stays untouched."""
    assert rewrite_java_pattern(LDAP) == LDAP


def test_rules_of_a_store_are_compiled_once():
    """The three patterns of a store become one set of rules, and the same description the same set."""
    store = UserStoreDescription("ENG", username=NamePattern("[a-z]+", "Small letters."))
    compiled = compile_rules(store)
    assert compiled is compile_rules(
        UserStoreDescription("ENG", username=NamePattern("[a-z]+", "Small letters."))
    )
    verdicts = (compiled.username("Abc"), compiled.password("long-enough"), compiled.role("staff"))
    assert verdicts == (Verdict.DIFFERS, Verdict.MATCHES, Verdict.MATCHES)


def test_broken_rule_names_the_store():
    """A store with a broken pattern is refused with the path of that pattern."""
    with pytest.raises(Misconfigured) as caught:
        compile_rules(UserStoreDescription("ENG", role=NamePattern("(", "")))
    assert caught.value.path == "user_store.ENG.role"
