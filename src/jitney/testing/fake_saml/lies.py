"""What a lie is, and where in the making of a message it is told.

Each lie is a function of its own, whose name is the lie's and whose docstring says what it does.
It takes the honest thing of its stage and returns the lying one;
everything before and after it is made honestly, so that nothing but the lie can be the reason of a refusal.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from jitney.testing.fake_saml.keys import KeyPair

Thing = TypeVar("Thing")
Tell = TypeVar("Tell", bound=Callable[[Any], Any])


class Document(enum.Enum):
    """What is lied about."""

    RESPONSE = "response"
    LOGOUT_REQUEST = "logout request"
    METADATA = "metadata"


class Stage(enum.Enum):
    """When in the making of a message a lie is told, in this order; each stage has a thing of its own."""

    HABITS = "Habits: what is signed and encrypted, and how it travels"
    FACTS = "ResponseFacts, LogoutFacts: what is said"
    TREE = "the tree before anything is signed"
    SEAL = "Seal: how it is signed"
    SEALED_PART = "the tree whose assertion is signed, and nothing else yet"
    LOCK = "Lock: how it is encrypted"
    LOCKED_PART = "the tree whose assertion is encrypted, before the response is signed"
    SEALED = "the signed tree: what somebody without a key can do"
    OCTETS = "the message as octets"
    SENT = "Sent: the form or the query that carries it"


class Part(enum.Flag):
    """What of a message bears a signature."""

    NOTHING = 0
    ASSERTION = enum.auto()
    RESPONSE = enum.auto()
    BOTH = ASSERTION | RESPONSE


class Kind(enum.Enum):
    """What of a message is encrypted."""

    NOTHING = "nothing"
    ASSERTION = "the assertion"
    NAME = "the NameID"


@dataclass(frozen=True, slots=True)
class Habits:
    """How a message is made; the lie's honest twin has the same habits.

    ``by_redirect`` is for logout messages; ``key`` replaces the provider's own, ``person`` who is spoken of.
    """

    signs: Part = Part.ASSERTION
    encrypts: Kind = Kind.NOTHING
    by_redirect: bool = False
    key: KeyPair | None = None
    is_unsolicited: bool = False
    relay_state: str | None = None


@dataclass(frozen=True, slots=True)
class Lie:
    """One lie; ``habits`` are those of its twin too. ``is_harmless``: it is odd, and true."""

    name: str
    sentence: str
    document: Document
    stage: Stage
    tell: Callable[[Any], Any]
    habits: Habits = Habits()
    is_harmless: bool = False


LIES: dict[str, Lie] = {}
"""Every lie by its name, as the files ``lies_…`` tell them."""


@dataclass(frozen=True, slots=True)
class Told:
    """Tells one lie at its stage, and nothing at any other."""

    lie: Lie | None = None

    def at(self, stage: Stage, thing: Thing) -> Thing:
        """Return the thing, or what the lie makes of it."""
        if self.lie is None or self.lie.stage is not stage:
            return thing
        told = self.lie.tell(thing)
        return thing if told is None else told


def lie(stage: Stage, document: Document = Document.RESPONSE, **habits: Any) -> Callable[[Tell], Tell]:
    """Register the function below as a lie of this stage."""
    return _registered(stage, document, Habits(**habits), is_harmless=False)


def oddity(stage: Stage, document: Document = Document.RESPONSE, **habits: Any) -> Callable[[Tell], Tell]:
    """Register the function below as something odd that an honest provider may do."""
    return _registered(stage, document, Habits(**habits), is_harmless=True)


def _registered(
    stage: Stage, document: Document, habits: Habits, *, is_harmless: bool
) -> Callable[[Tell], Tell]:
    def keep(tell: Tell) -> Tell:
        name, sentence = tell.__name__, (tell.__doc__ or "").strip()
        if name in LIES:
            raise ValueError(f"two lies are called {name}")
        LIES[name] = Lie(name, sentence, document, stage, tell, habits, is_harmless)
        return tell

    return keep


def lies_about(document: Document) -> dict[str, Lie]:
    """Return every lie about one kind of message."""
    return {name: one for name, one in LIES.items() if one.document is document}
