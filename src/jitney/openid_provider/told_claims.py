"""What an application would be told about a person, scope by scope, as its tokens and user info would say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jitney.model.application import Application
from jitney.model.session import LocalPerson, PassingPerson
from jitney.model.user import User
from jitney.openid_provider.released_claims import names_for_scopes, released_claims
from jitney.openid_provider.subjects import Subjects

SCOPES_OF_ID_TOKEN: Final = frozenset({"openid", "roles"})
"""The scopes whose claims stand in the ID token too; those of the others are told at userinfo alone."""


@dataclass(frozen=True, slots=True)
class ToldClaims:
    """Answers without issuing anything."""

    subjects: Subjects

    def of(
        self, person: User | PassingPerson, application: Application
    ) -> Mapping[str, Mapping[str, object]]:
        """Return scope → claim → value for every scope that the application may ask for, in its order.

        A user without an id is one who is not made yet: their subject is not known.
        """
        subject = self._subject(person, application)
        told: dict[str, Mapping[str, object]] = {}
        for scope in application.scopes:
            claims = released_claims(person, names_for_scopes([scope]))
            told[scope] = {"sub": subject} if scope == "openid" and subject else claims
        return told

    def _subject(self, person: User | PassingPerson, application: Application) -> str | None:
        if isinstance(person, PassingPerson):
            return self.subjects.name(person, application)
        return self.subjects.name(_local(person), application) if person.id else None


def _local(user: User) -> LocalPerson:
    return LocalPerson(user.id, user.username.domain)
