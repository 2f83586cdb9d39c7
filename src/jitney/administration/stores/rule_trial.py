"""An operator tries a user name, a password and a role name against the rules of a user store; nothing is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from jitney.administration.operator import Operator, Right
from jitney.errors import InvalidInput, Misconfigured, NotFound
from jitney.model.user import Username
from jitney.model.user_store import UserStoreDescription
from jitney.ports import UserStores
from jitney.provisioning.store_rules import (
    MAX_NAME,
    MAX_PASSWORD_BYTES,
    MAX_ROLE_NAME,
    RulesOf,
    StoreRules,
    Violation,
    canonical_username,
    password_violation,
    role_violation,
    username_violation,
)

RULES: Final[Mapping[str, str]] = {
    "user_name_forbidden_characters": "A user name holds nothing that cannot be seen or typed.",
    "user_name_length": f"A user name has 1 to {MAX_NAME} characters, whatever the pattern says.",
    "user_name_reserved": "Names that stand for a domain, or for everybody, are nobody's.",
    "user_name_breaks_pattern": "The whole name must match the pattern for user names.",
    "user_name_is_unverified_email": (
        "A name that is an e-mail address is given to nobody but whose provider has verified that very address. "
        "Here nobody vouches for it."
    ),
    "password_blank": "A password is more than spaces.",
    "password_too_long": f"A password has at most {MAX_PASSWORD_BYTES} octets, whatever the pattern says.",
    "password_breaks_pattern": "The whole password must match the pattern for passwords.",
    "role_name_forbidden_characters": "The name of a role holds nothing that cannot be seen or typed.",
    "role_name_too_long": f"The name of a role has at most {MAX_ROLE_NAME} characters, whatever the pattern says.",
    "role_name_breaks_pattern": "The whole name must match the pattern for roles.",
    "pattern_timed_out": "The pattern took longer than a match may take, and what takes longer is refused.",
}
"""Reason code → the rule that it stands for, as operators read it."""


@dataclass(frozen=True, slots=True)
class TriedTexts:
    """What is tried; an empty text is not."""

    username: str = ""
    password: str = field(default="", repr=False)
    role: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a text fits; where not, the ``rules`` that say no by their codes, and what a person would read.

    ``sentence`` is the store's own; it is ``None`` where the rule holds for every store.
    """

    fits: bool
    rules: tuple[str, ...] = ()
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class RulesTried:
    """What the rules of a store say; ``canonical`` is the user name as it would be shown and compared."""

    domain: str
    username: Judged | None = None
    password: Judged | None = None
    role: Judged | None = None
    canonical: Username | None = None


@dataclass(frozen=True, slots=True)
class RuleTrial:
    """Holds no unit of work, so that it cannot write; what was tried is in no answer but the canonical name."""

    user_stores: UserStores
    rules_of: RulesOf

    async def describe(self, operator: Operator, domain: str) -> UserStoreDescription:
        """Return the rules of a store, PRIMARY's too; raises ``NotFound``."""
        operator.need(Right.SEE)
        operator.need(Right.SEE)
        store = await self.user_stores.find(domain)
        if store is None:
            raise NotFound("user_store_not_found", "There is no such user store.", domain=domain.upper())
        return store.description

    async def try_kept(self, operator: Operator, domain: str, texts: TriedTexts) -> RulesTried:
        """Try texts against the rules of a store as they are kept; raises ``NotFound``."""
        return self.try_draft(operator, await self.describe(operator, domain), texts)

    def try_draft(
        self, operator: Operator, description: UserStoreDescription, texts: TriedTexts
    ) -> RulesTried:
        """Try texts against rules that nobody has saved.

        Raises ``InvalidInput`` (``pattern_invalid``) where a pattern cannot be understood.
        """
        operator.need(Right.SEE)
        try:
            rules = self.rules_of(description)
        except Misconfigured as fault:
            raise InvalidInput("pattern_invalid", "A pattern of this user store cannot be used.") from fault
        name = canonical_username(description, texts.username) if texts.username else None
        broken = username_violation(name, rules, verified_email=None) if name else None
        return RulesTried(
            description.domain,
            username=_judged(broken) if name else None,
            password=_password(texts.password, rules),
            role=_judged(role_violation(texts.role, rules)) if texts.role else None,
            canonical=name,
        )


def _password(password: str, rules: StoreRules) -> Judged | None:
    return _judged(password_violation(password, rules)) if password else None


def _judged(violation: Violation | None) -> Judged:
    if violation is None:
        return Judged(fits=True)
    return Judged(False, tuple(reason.code for reason in violation.reasons), violation.sentence)
