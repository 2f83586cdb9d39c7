"""The forms that a page may show: what it must say, what it may ask, and what was wrong with the last answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jitney.model.outcome import Reason
from jitney.model.policy import PromptMode
from jitney.model.user import Username
from jitney.model.user_store import UserStoreDescription
from jitney.provisioning.facts import OtherProvider


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer would not do: the reason, and a sentence for the person that quotes nothing.

    The sentence is a text of the catalogue, or the user store's own.
    """

    reason: Reason
    sentence: str


@dataclass(frozen=True, slots=True)
class AskedAttribute:
    """A field for an attribute that the application requires; ``typed`` is what the last answer said.

    It may be left empty (``required`` is false) where purposes list it and none of them needs it: then the person
    decides whether it is stored at all.
    """

    name: str
    typed: str = ""
    required: bool = True

    @property
    def field(self) -> str:
        """Return the name of the form field."""
        return f"attribute.{self.name}"


@dataclass(frozen=True, slots=True)
class AskedConsent:
    """A box to tick: an attribute, its values if it has any yet, and whether it was ticked last time."""

    purpose: str
    version: int
    attribute: str
    mandatory: bool
    values: tuple[str, ...] = ()
    ticked: bool = False

    @property
    def field(self) -> str:
        """Return the name of the form field; its value, when ticked, is the version."""
        return f"consent.{self.purpose}.{self.attribute}"


@dataclass(frozen=True, slots=True)
class AskedPurpose:
    """A purpose in the words of this version, with its boxes."""

    id: str
    version: int
    name: str
    description: str
    consents: tuple[AskedConsent, ...]

    @property
    def field(self) -> str:
        """Return the name of the field by which a page says in which version it has shown the purpose."""
        return f"purpose.{self.id}"


@dataclass(frozen=True, slots=True)
class PromptForm:
    """What a page shows and asks before an account is made.

    ``account`` is how the person is called at the identity provider; ``attributes`` is all that would be stored
    without asking, ``roles`` what would be given.
    ``username`` is shown, and may be changed only where ``mode.asks_username``; ``store`` holds the rules and the
    sentences that a page may show beside the fields.
    ``problems`` maps the names of fields to why their last answer would not do; ``form`` stands for the whole.
    ``may_link`` says that the person may prove an account of theirs instead.
    """

    mode: PromptMode
    account: str
    username: Username
    store: UserStoreDescription
    attributes: Mapping[str, tuple[str, ...]]
    roles: tuple[str, ...] = ()
    missing: tuple[AskedAttribute, ...] = ()
    purposes: tuple[AskedPurpose, ...] = ()
    may_link: bool = False
    problems: Mapping[str, Problem] = field(default_factory=dict[str, Problem])

    @property
    def fields(self) -> frozenset[str]:
        """Return the names of the fields that this form asks for; no other is looked at (R-019)."""
        names = {"username"} if self.mode.asks_username else set[str]()
        names |= {"password", "password_again"} if self.mode.asks_password else set[str]()
        names |= {asked.field for asked in self.missing} | {purpose.field for purpose in self.purposes}
        return frozenset(names | {box.field for purpose in self.purposes for box in purpose.consents})


@dataclass(frozen=True, slots=True)
class ProofForm:
    """What a page asks before an arrival may be linked to an account that exists.

    ``matched`` says that somebody was found, whose name the page does not tell; otherwise the person said that
    they have an account.
    ``password`` says whether a name and a password can prove it; ``providers`` can, too.
    """

    account: str
    matched: bool
    password: bool
    providers: tuple[OtherProvider, ...] = ()
    problems: Mapping[str, Problem] = field(default_factory=dict[str, Problem])
