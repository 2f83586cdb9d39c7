"""Memory changes of what the console keeps: arrivals, forms that wait, and how the pages look."""

from typing import Any

from jitney.model import changes as c
from jitney.model.kept_form import MOST_KEPT_FORMS
from jitney.testing.memory_state import CarryOut, MemoryState, must


def _save_look(state: MemoryState, change: c.SaveLook) -> None:
    kept = state.looks.get(None)
    must((kept.version if kept else 0) == change.look.version - 1, change.guard)
    state.looks[None] = change.look


def _keep_form(state: MemoryState, change: c.KeepForm) -> None:
    new = change.form
    state.kept_forms[new.key_hash] = new
    others = [
        one for key, one in state.kept_forms.items() if one.bound_to == new.bound_to and key != new.key_hash
    ]
    others.sort(key=lambda one: (one.created, one.key_hash), reverse=True)
    for old in others[MOST_KEPT_FORMS - 1 :]:
        del state.kept_forms[old.key_hash]


def _record_arrival(state: MemoryState, change: c.RecordArrival) -> None:
    state.arrivals[change.arrival.reference] = change.arrival


CHANGES: dict[type[Any], CarryOut] = {
    c.SaveLook: _save_look,
    c.KeepForm: _keep_form,
    c.RecordArrival: _record_arrival,
}
