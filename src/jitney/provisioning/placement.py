"""Which user store, and which name inside it: fixed, or as the wanted name says."""

import string
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from jitney.model.outcome import Reason
from jitney.model.policy import FixedPlacement, OnUnknownDomain, ProvisioningPolicy
from jitney.model.user import PRIMARY
from jitney.model.user_store import RESERVED_DOMAINS
from jitney.provisioning.wanted_name import NameSource, WantedName

_DOMAIN_CHARACTERS = frozenset(string.ascii_letters + string.digits + "-.")


@dataclass(frozen=True, slots=True)
class Placed:
    """The store that shall take the user, and the name in it; whether the store can is another question."""

    domain: str
    name: str
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacementRefused:
    """No place may be given for this name.

    ``domain`` is the store in which the person may choose another one, where the mode lets them choose.
    """

    reason: Reason
    domain: str = PRIMARY


def place(
    policy: ProvisioningPolicy, wanted: WantedName, domains: Collection[str]
) -> Placed | PlacementRefused:
    """Find the place of a wanted name by the table of jit.md 4; ``domains`` are all stores' in upper case.

    The attack (R-031, R-032): somebody names themselves ``INTERNAL/admin`` at a provider, in full-width
    letters if need be, and becomes what only the server may make; or ``PRIMARY/ENG/alice``, and is shown
    everywhere as the ``alice`` of ENG.
    """
    before, slash, behind = wanted.text.partition("/")
    domain = _domain(before)
    home = policy.placement.domain.upper() if isinstance(policy.placement, FixedPlacement) else PRIMARY
    if wanted.source is NameSource.FEDERATED_USER_ID:
        # Our own name for somebody asks for no store, whatever its letters are.
        return _unless_it_poses(Placed(home, wanted.text), domains)
    if slash and domain in RESERVED_DOMAINS:
        return PlacementRefused(Reason("domain_reserved", {"domain": domain}), home)
    if isinstance(policy.placement, FixedPlacement):
        dropped = slash and domain in domains
        notes = (Reason("prefix_dropped", {"domain": domain}),) if dropped else ()
        placed = Placed(home, behind if dropped else wanted.text, notes)
    elif not slash or _is_no_domain(before, wanted, domains):
        placed = Placed(PRIMARY, wanted.text)
    elif not before or domain in domains:
        placed = Placed(domain or PRIMARY, behind)
    elif policy.on_unknown_domain is OnUnknownDomain.REFUSE:
        return PlacementRefused(Reason("domain_unknown", {"domain": domain[:100]}))
    else:
        placed = Placed(PRIMARY, behind, (Reason("domain_unknown_primary_used", {"domain": domain[:100]}),))
    return _unless_it_poses(placed, domains)


def _unless_it_poses(placed: Placed, domains: Collection[str]) -> Placed | PlacementRefused:
    """Refuse a bare name of PRIMARY that would read as a name of another store."""
    before, slash, _ = placed.name.partition("/")
    domain = _domain(before)
    if slash and placed.domain == PRIMARY and (domain in domains or domain in RESERVED_DOMAINS):
        return PlacementRefused(Reason("user_name_names_a_store", {"domain": domain}))
    return placed


def _domain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


def _is_no_domain(before: str, wanted: WantedName, domains: Collection[str]) -> bool:
    """Say whether a ``/`` belongs to the name itself, as in ``https://idp/u/17``.

    A subject is the provider's own id, whatever stands in it: there only the name of a store is a domain.
    """
    if not before or _domain(before) in domains:
        return False
    return wanted.source is NameSource.SUBJECT or not _DOMAIN_CHARACTERS.issuperset(before)
