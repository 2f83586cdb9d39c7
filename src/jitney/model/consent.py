"""Consent: purposes that people are asked to agree to, and the receipts of what they said."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PurposeAttribute:
    """An attribute that a purpose needs; without a ``mandatory`` one nobody is provisioned."""

    name: str
    mandatory: bool = False


@dataclass(frozen=True, slots=True)
class Purpose:
    """What personal data is used for, in the words that people read (jit.md 9).

    ``id`` is generated and immutable, ``name`` is unique.
    ``version`` grows with every change, so that a receipt says which words were agreed to.
    """

    id: str
    name: str
    description: str
    attributes: tuple[PurposeAttribute, ...]
    version: int = 1


@dataclass(frozen=True, slots=True)
class DataController:
    """Who answers for the data (Kantara Consent Receipt 1.1, 4.4); empty texts say nothing."""

    name: str
    contact: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ConsentedPurpose:
    """One purpose of a receipt, in the words that were shown: what was agreed to, and what was declined.

    ``withdrawn`` says when the person took the agreement back.
    """

    id: str
    name: str
    description: str
    version: int
    consented: tuple[str, ...]
    declined: tuple[str, ...] = ()
    withdrawn: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConsentReceipt:
    """The record of what a person said to the purposes, one for each provisioning.

    ``language`` is the language of the page; ``service`` the name of the service towards people.
    ``idp`` and ``reference`` tell from which sign-in it came.
    """

    id: str
    user_id: str
    given: datetime
    language: str
    jurisdiction: str
    controller: DataController
    policy_url: str
    service: str
    purposes: tuple[ConsentedPurpose, ...]
    idp: str
    reference: str
    collection_method: str = "JIT"
    version: int = 1

    @property
    def live_attributes(self) -> frozenset[str]:
        """Return the attributes that rest on an agreement of this receipt which still stands."""
        return frozenset(name for one in self.purposes if one.withdrawn is None for name in one.consented)

    @property
    def named_attributes(self) -> frozenset[str]:
        """Return every attribute that this receipt speaks of, agreed to or not."""
        return frozenset(name for one in self.purposes for name in (*one.consented, *one.declined))

    def withdrawn_for(self, purpose_ids: Iterable[str], now: datetime) -> "ConsentReceipt":
        """Return the receipt with the agreement to these purposes taken back; an earlier withdrawal stands."""
        taken_back = frozenset(purpose_ids)
        purposes = tuple(
            replace(one, withdrawn=now) if one.id in taken_back and one.withdrawn is None else one
            for one in self.purposes
        )
        return replace(self, purposes=purposes, version=self.version + 1)
