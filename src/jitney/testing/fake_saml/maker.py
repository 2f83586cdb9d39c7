"""Makes the fake provider's messages: stage after stage honestly, with one lie at most."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from jitney.testing.fake_oidc.people import Person
from jitney.testing.fake_saml.documents import (
    Element,
    as_octets,
    found,
    logout_request_of,
    logout_response_of,
    metadata_of,
    response_of,
)
from jitney.testing.fake_saml.facts import (
    Asked,
    NameID,
    ResponseFacts,
    honest_logout,
    honest_response,
    new_id,
)
from jitney.testing.fake_saml.keys import KeyPair
from jitney.testing.fake_saml.lies import Habits, Kind, Lie, Part, Stage, Told
from jitney.testing.fake_saml.locks import Lock, name_of, shut_in_place
from jitney.testing.fake_saml.seals import seal_with
from jitney.testing.fake_saml.travel import Sent, posted, redirected

_HIDDEN = {Kind.ASSERTION: "//saml:Assertion", Kind.NAME: "//saml:Subject/saml:NameID"}


@dataclass(slots=True)
class MessageMaker:
    """A provider's voice: ``key`` signs, ``receiver`` (PEM) is whom it encrypts for, ``now`` is its clock."""

    entity_id: str
    base: str
    key: KeyPair
    now: Callable[[], float]
    receiver: str | None = None

    def respond(
        self, person: Person, asked: Asked, *, habits: Habits | None = None, lie: Lie | None = None
    ) -> Sent:
        """Answer an AuthnRequest (or nobody's, if the habits say so) by a form."""
        told, habits = Told(lie), self._habits(habits, lie)
        if habits.is_unsolicited:
            asked = replace(asked, id=None, relay_state=habits.relay_state)
        honest = honest_response(person, asked, issuer=self.entity_id, now=self._time())
        facts = told.at(Stage.FACTS, honest)
        octets = told.at(Stage.OCTETS, as_octets(self._response(facts, habits, told)))
        sent = posted(octets, name="SAMLResponse", relay_state=asked.relay_state)
        return replace(told.at(Stage.SENT, sent), about={"facts": facts})

    def ask_logout(
        self,
        name_id: NameID,
        sessions: Sequence[str],
        *,
        destination: str,
        habits: Habits | None = None,
        lie: Lie | None = None,
        relay_state: str | None = None,
    ) -> Sent:
        """Say that the sessions of a person have ended, by a form or, if the habits say so, by a redirect."""
        told = Told(lie)
        habits = self._habits(habits or (lie.habits if lie else Habits(signs=Part.RESPONSE)), lie)
        honest = honest_logout(
            name_id, sessions, issuer=self.entity_id, destination=destination, now=self._time()
        )
        root = told.at(Stage.TREE, logout_request_of(told.at(Stage.FACTS, honest)))
        return self._carried(root, "SAMLRequest", relay_state, (habits, told))

    def answer_logout(
        self,
        *,
        destination: str,
        in_response_to: str | None,
        relay_state: str | None,
        by_redirect: bool = True,
    ) -> Sent:
        """Answer a LogoutRequest of a service provider."""
        root = logout_response_of(
            id=new_id(),
            issuer=self.entity_id,
            destination=destination,
            in_response_to=in_response_to,
            issued=self._time(),
        )
        habits = Habits(signs=Part.RESPONSE, by_redirect=by_redirect)
        return self._carried(root, "SAMLResponse", relay_state, (habits, Told()))

    def metadata(
        self, *, certificates: Sequence[str] = (), signing_key: KeyPair | None = None, lie: Lie | None = None
    ) -> bytes:
        """Describe this provider, signed by ``signing_key`` if there is one; ``certificates`` (base64) are more."""
        told = Told(lie)
        root = metadata_of(
            id=new_id(),
            entity_id=self.entity_id,
            base=self.base,
            certificates=(self.key.certificate_base64, *certificates),
            valid_until=self._time() + timedelta(days=14),
        )
        root = told.at(Stage.TREE, root)
        signing_key = told.at(Stage.HABITS, Habits(key=signing_key)).key
        if signing_key:
            told.at(Stage.SEAL, seal_with(signing_key)).put_on(root)
        return told.at(Stage.OCTETS, as_octets(told.at(Stage.SEALED, root)))

    def _habits(self, habits: Habits | None, lie: Lie | None) -> Habits:
        habits = habits or (lie.habits if lie else Habits())
        return Told(lie).at(Stage.HABITS, habits)

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC).replace(microsecond=0)

    def _response(self, facts: ResponseFacts, habits: Habits, told: Told) -> Element:
        root = told.at(Stage.TREE, response_of(facts))
        seal = told.at(Stage.SEAL, seal_with(habits.key or self.key))
        if habits.encrypts is Kind.NAME:
            self._lock(root, habits.encrypts, told)
        if Part.ASSERTION in habits.signs:
            seal.put_on(found(root, "saml:Assertion"))
        root = told.at(Stage.SEALED_PART, root)
        if habits.encrypts is Kind.ASSERTION:
            self._lock(root, habits.encrypts, told)
        root = told.at(Stage.LOCKED_PART, root)
        if Part.RESPONSE in habits.signs:
            seal.put_on(root)
        return told.at(Stage.SEALED, root)

    def _lock(self, root: Element, kind: Kind, told: Told) -> None:
        if self.receiver is None:
            raise ValueError("nobody is known for whom to encrypt")
        hidden = found(root, _HIDDEN[kind])
        shut_in_place(hidden, told.at(Stage.LOCK, Lock(self.receiver)), name_of(hidden))

    def _carried(self, root: Element, name: str, relay_state: str | None, how: tuple[Habits, Told]) -> Sent:
        """Sign the message or the query, and put it in its carrier."""
        habits, told = how
        key = habits.key or self.key
        is_signed = Part.RESPONSE in habits.signs
        if is_signed and not habits.by_redirect:
            told.at(Stage.SEAL, seal_with(key)).put_on(root)
        octets = told.at(Stage.OCTETS, as_octets(told.at(Stage.SEALED, root)))
        if not habits.by_redirect:
            return told.at(Stage.SENT, posted(octets, name=name, relay_state=relay_state))
        signing = key if is_signed else None
        return told.at(Stage.SENT, redirected(octets, name=name, relay_state=relay_state, key=signing))
