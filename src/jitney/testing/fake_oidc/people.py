"""The people whom the fake provider knows.

The claims follow OIDC Core 5.1; ``groups`` is the claim that most providers add for memberships.
All of them live under the invented domain ``acme.example``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

EMAIL_DOMAIN = "acme.example"

SCOPE_CLAIMS: Mapping[str, frozenset[str]] = {
    "profile": frozenset({"name", "given_name", "family_name", "preferred_username", "groups", "locale"}),
    "email": frozenset({"email", "email_verified"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
    "address": frozenset({"address"}),
    "groups": frozenset({"groups"}),
}
"""Which claims a scope asks for (OIDC Core 5.4); a claim that no scope names is always given."""

_SCOPED = frozenset[str]().union(*SCOPE_CLAIMS.values())


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in: a subject and the claims about them (without ``sub``)."""

    sub: str
    claims: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        """What a page calls this person."""
        return str(self.claims.get("name", self.sub))

    def answers_to(self, hint: str) -> bool:
        """Whether ``hint`` (subject, user name or e-mail address) means this person."""
        return hint in (self.sub, self.claims.get("preferred_username"), self.claims.get("email"))

    def claims_for(self, scopes: Iterable[str]) -> dict[str, Any]:
        """The claims that these scopes ask for, as OIDC Core 5.4 groups them."""
        asked = frozenset[str]().union(*(SCOPE_CLAIMS.get(scope, frozenset()) for scope in scopes))
        return {name: value for name, value in self.claims.items() if name in asked or name not in _SCOPED}


def acme_person(username: str, given_name: str, family_name: str, *, groups: Iterable[str] = ()) -> Person:
    """Somebody of the invented company; the subject is ``acme-`` and the user name."""
    return Person(
        sub=f"acme-{username}",
        claims={
            "email": f"{username}@{EMAIL_DOMAIN}",
            "email_verified": True,
            "given_name": given_name,
            "family_name": family_name,
            "name": f"{given_name} {family_name}",
            "preferred_username": username,
            "groups": list(groups),
        },
    )


KNOWN_PEOPLE: tuple[Person, ...] = (
    acme_person("ada", "Ada", "Alder", groups=("staff", "engineering")),
    acme_person("grace", "Grace", "Grove", groups=("staff", "engineering", "managers")),
    acme_person("linus", "Linus", "Linden", groups=("staff",)),
    acme_person("edgar", "Edgar", "Elm", groups=("staff", "data")),
)
"""The people of the demo."""


def stranger(hint: str) -> Person:
    """Somebody whom nobody listed: the subject is what was typed, the rest follows from it."""
    username = hint.split("@", 1)[0]
    return Person(
        sub=hint,
        claims={
            "email": hint if "@" in hint else f"{hint}@{EMAIL_DOMAIN}",
            "email_verified": True,
            "given_name": username.capitalize(),
            "family_name": "Newcomer",
            "name": f"{username.capitalize()} Newcomer",
            "preferred_username": username,
            "groups": ["staff"],
        },
    )
