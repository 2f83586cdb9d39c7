"""User stores in the console: every address, and the right that it needs."""

from dataclasses import dataclass

from jitney.administration.operator import Right
from jitney.administration.stores.rule_trial import RuleTrial
from jitney.administration.stores.user_stores import UserStoreAdministration
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import ConsoleForm, ConsolePage, Doorway
from jitney.web.console.user_stores.adding import NEW, StoreAdding
from jitney.web.console.user_stores.editing import StoreEditing
from jitney.web.console.user_stores.listing import StoreListing
from jitney.web.console.user_stores.removing import StoreRemoving
from jitney.web.console.user_stores.room import STORES, StoreRoom

ONE = f"{STORES}/{{domain}}"
PARTS = (("basic", False), ("connection", True), ("rules", False), ("attributes", True), ("groups", True))
"""The last word of the address of each part, and whether saving it needs a fresh sign-in (R-117)."""


@dataclass(frozen=True, slots=True)
class UserStoresSection:
    """The section."""

    stores: UserStoreAdministration
    rules: RuleTrial
    desk: Desk

    def doorways(self) -> list[Doorway]:
        """Return the addresses of this section."""
        room = StoreRoom(self.stores, self.rules, self.desk)
        listing, adding, removing = StoreListing(room), StoreAdding(room), StoreRemoving(room)
        change = Right.ADMINISTER
        return [
            ConsolePage(STORES, Right.SEE, listing.list),
            ConsolePage(NEW, change, adding.show),
            ConsoleForm(NEW, change, adding.add, adding.show, risky=True),
            ConsolePage(ONE, Right.SEE, listing.show),
            ConsoleForm(f"{ONE}/try", Right.SEE, listing.try_rules, listing.show, once=False),
            ConsoleForm(f"{ONE}/test", change, listing.test, listing.show, once=False),
            ConsoleForm(f"{ONE}/enable", change, listing.enable, listing.show, risky=True),
            ConsoleForm(f"{ONE}/disable", change, listing.disable, listing.show),
            ConsolePage(f"{ONE}/remove", change, removing.show),
            ConsoleForm(f"{ONE}/forget", change, removing.forget, removing.show, risky=True),
            ConsoleForm(f"{ONE}/remove", change, removing.remove, removing.show, risky=True),
            *(doorway for word, risky in PARTS for doorway in _part(StoreEditing(room, word), risky=risky)),
        ]


def _part(editing: StoreEditing, *, risky: bool) -> list[Doorway]:
    at = f"{ONE}/{editing.word}"
    return [
        ConsolePage(at, Right.SEE, editing.show),
        ConsoleForm(at, Right.ADMINISTER, editing.save, editing.show, risky=risky),
    ]
