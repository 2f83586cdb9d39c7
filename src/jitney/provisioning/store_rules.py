"""User name, role name and password against the rules of a user store, and the canonical form of a name."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from jitney.model.outcome import Reason
from jitney.model.user import EVERYONE, PRIMARY, Username
from jitney.model.user_store import RESERVED_DOMAINS, NamePattern, UserStoreDescription
from jitney.provisioning.claim_limits import has_forbidden_characters

MAX_NAME = 255
"""How many characters a user name may have, whatever the store's pattern says."""

MAX_ROLE_NAME = 100
"""How many characters the name of a role may have, whatever the store's pattern says."""

MAX_PASSWORD_BYTES = 1024

RESERVED_NAMES = frozenset(name.casefold() for name in RESERVED_DOMAINS | {PRIMARY, EVERYONE, "anonymous"})
"""Names that stand for something else than a person, by their canonical form (R-030, R-032)."""

_UNFIT_FOR_NAMES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class Verdict(StrEnum):
    """What a compiled pattern says of a text."""

    MATCHES = "matches"
    DIFFERS = "differs"
    TIMED_OUT = "timed_out"


Matcher = Callable[[str], Verdict]
"""A store's pattern, compiled at the door: it answers for the whole text, and in bounded time."""


@dataclass(frozen=True, slots=True)
class StoreRules:
    """The rules of one user store, ready to be asked."""

    description: UserStoreDescription
    username: Matcher
    password: Matcher
    role: Matcher


RulesOf = Callable[[UserStoreDescription], StoreRules]
"""Compiles the patterns of a description; the door remembers what it compiled."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that was broken, the last reason settling it; ``sentence`` is the store's own, if any."""

    reasons: tuple[Reason, ...]
    sentence: str | None = None


def canonical_username(store: UserStoreDescription, name: str) -> Username:
    """Normalise a name once: NFC to show, and the key by which it is compared and unique (R-030).

    The key is NFKC, and case-folded unless the store distinguishes case.
    Never fails: whether the name may be used is ``username_violation``'s question.
    """
    shown = unicodedata.normalize("NFC", name)
    key = unicodedata.normalize("NFKC", shown)
    return Username(store.domain, shown, _folded(key) if store.case_insensitive_usernames else key)


def username_violation(
    username: Username, rules: StoreRules, *, verified_email: str | None
) -> Violation | None:
    """Check a canonical name: characters, length, reserved names, the pattern, and whose address it is.

    ``verified_email`` is the address that the provider vouches for in this arrival.
    """
    if has_unfit_characters(username.name):
        return _broken("user_name_forbidden_characters")
    if not username.name.strip() or max(len(username.name), len(username.key)) > MAX_NAME:
        return _broken("user_name_length")
    if _folded(username.key) in RESERVED_NAMES or _poses(username.name):
        return _broken("user_name_reserved")
    # Both forms must fit, or a name could be spelt so that only its folded twin breaks the rule.
    for form in dict.fromkeys((username.name, username.key)):
        if violation := _against(rules.username, form, rules.description.username, "user_name"):
            return violation
    if is_shaped_like_email(username.key) and not _same_address(username.key, verified_email):
        return _broken("user_name_is_unverified_email")
    return None


def _poses(name: str) -> bool:
    """Say whether a name would read as one of a reserved domain (R-032): ``SYSTEM/bob`` is nobody's bare name."""
    before, slash, _ = name.partition("/")
    return bool(slash) and unicodedata.normalize("NFKC", before).upper() in RESERVED_DOMAINS


def role_violation(name: str, rules: StoreRules) -> Violation | None:
    """Check the name of a role that shall be made; the whole name must match the store's pattern."""
    if has_unfit_characters(name):
        return _broken("role_name_forbidden_characters")
    if len(name) > MAX_ROLE_NAME:
        return _broken("role_name_too_long")
    return _against(rules.role, name, rules.description.role, "role_name")


def password_violation(password: str, rules: StoreRules) -> Violation | None:
    """Check a typed password against the store's rule (R-028); the violation never quotes it."""
    if not password.strip():
        return _broken("password_blank")
    if len(password.encode(errors="surrogatepass")) > MAX_PASSWORD_BYTES:
        return _broken("password_too_long")
    return _against(rules.password, password, rules.description.password, "password")


def has_unfit_characters(name: str) -> bool:
    """Say whether a name holds what nobody can see or type: controls, bidi, fillers, halves, odd spaces."""
    if name.isprintable():
        return False
    return has_forbidden_characters(name) or any(
        unicodedata.category(character) in _UNFIT_FOR_NAMES
        or (unicodedata.category(character) == "Zs" and character != " ")
        for character in name
    )


def is_shaped_like_email(name: str) -> bool:
    """Say whether a name would be taken for an e-mail address: something on both sides of an ``@``."""
    local, at, domain = name.rpartition("@")
    return bool(at and local and domain)


def _same_address(name: str, verified_email: str | None) -> bool:
    """Compare a name with the person's own verified address, as people would.

    The attack (R-014): somebody calls themselves ``ceo@corp.example`` at a provider that checks no address;
    here that would be a user name, and every application that shows it would vouch for the wrong person.
    """
    return verified_email is not None and _folded(name) == _folded(verified_email)


def _folded(text: str) -> str:
    """Return the identifier-caseless form: NFKC around two rounds of case folding (Unicode 3.13, D147)."""
    folded = unicodedata.normalize("NFKC", text)
    for _ in range(2):
        folded = unicodedata.normalize("NFKC", folded.casefold())
    return folded


def _against(matcher: Matcher, text: str, pattern: NamePattern, what: str) -> Violation | None:
    verdict = matcher(text)
    if verdict is Verdict.MATCHES:
        return None
    broken = Reason(f"{what}_breaks_pattern", {"pattern": pattern.pattern})
    slow = (Reason("pattern_timed_out", {"pattern": pattern.pattern}),)
    return Violation((*(slow if verdict is Verdict.TIMED_OUT else ()), broken), pattern.message)


def _broken(code: str) -> Violation:
    return Violation((Reason(code),))
