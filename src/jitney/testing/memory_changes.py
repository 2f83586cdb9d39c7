"""Memory changes: every change of ``model/changes.py``, carried out on dictionaries.

One function for each; it changes the state that it is given, or raises ``Conflict`` with the change's guard.
"""

from typing import Any

from jitney.model.changes import Change
from jitney.testing import (
    memory_consent_changes,
    memory_console_changes,
    memory_factor_changes,
    memory_journey_changes,
    memory_record_changes,
    memory_user_changes,
    memory_user_store_changes,
)
from jitney.testing.memory_state import CarryOut, MemoryState

CHANGES: dict[type[Any], CarryOut] = (
    memory_user_changes.CHANGES
    | memory_journey_changes.CHANGES
    | memory_record_changes.CHANGES
    | memory_consent_changes.CHANGES
    | memory_user_store_changes.CHANGES
    | memory_factor_changes.CHANGES
    | memory_console_changes.CHANGES
)
"""Every change, and what it does; a test holds the table against the union ``Change``."""


def carry_out(state: MemoryState, change: Change) -> None:
    """Carry out one change; raises ``Conflict``."""
    CHANGES[type(change)](state, change)
