"""The section of the look, with all its pages."""

from dataclasses import dataclass

from jitney.administration.look import LookAdministration
from jitney.web.console.desk import Desk
from jitney.web.console.doorways import Doorway
from jitney.web.console.look.appearance import Appearance
from jitney.web.console.look.knowledge import PagesAsTheyAre
from jitney.web.console.look.overriding import Overriding
from jitney.web.console.look.previewing import Previewing
from jitney.web.console.look.proposing import Proposing
from jitney.web.console.look.wording import Wording
from jitney.web.kit.live_theme import LiveTheme


@dataclass(frozen=True, slots=True)
class LookSection:
    """What operators make of the pages that arriving people see; ``live`` is what these are dressed in."""

    look: LookAdministration
    desk: Desk
    live: LiveTheme

    def doorways(self) -> list[Doorway]:
        """Return the addresses of this section."""
        proposing = Proposing(self.look, self.desk, self.live)
        parts = (
            Appearance(proposing, PagesAsTheyAre(self.live.settings)),
            Wording(proposing),
            Overriding(proposing),
            Previewing(proposing),
        )
        return [doorway for part in parts for doorway in part.doorways()]
