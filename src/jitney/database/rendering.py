"""Rendering: what a room contributes to the writing of changes, handed by ``app/`` to the unit of work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jitney.database.statements import Write

Render = Callable[[Any], Sequence[Write]]
"""From one change to its writes, in the order in which they must happen."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """One room's table of changes, and what its constraints mean.

    ``renders`` maps the type of a change to the function that turns it into writes; several rooms may render
    the same change, each its own tables.
    ``guards`` maps the name of a constraint to the guard of ``model/changes.py`` that it keeps.
    """

    renders: Mapping[type[Any], Render]
    guards: Mapping[str, str]
