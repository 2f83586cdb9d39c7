"""The roles of somebody in a form: a box for each, or a line for each where there are too many for boxes."""

from collections.abc import Collection, Mapping
from typing import Final

from jitney.web.console.doorways import Fields
from jitney.web.console.record_fields import Choice, Field, Kind
from jitney.web.console.versions import Present

MOST_BOXES: Final = 100
"""How many roles have a box each; with more of them the page would be slow and long."""

_ROLES: Final = Field("roles", "Roles", Kind.CHECKS)


def role_field(names: Collection[str]) -> Field:
    """Return the field for these roles."""
    if len(names) > MOST_BOXES:
        told = "The name of one role on each line, as the list of roles has it."
        return Field(_ROLES.path, _ROLES.label, Kind.LINES, told)
    return Field(
        _ROLES.path, _ROLES.label, _ROLES.kind, choices=tuple(Choice(name, name) for name in sorted(names))
    )


def filled_roles(held: Collection[str]) -> Mapping[str, str]:
    """Return what stands in the field, however it is shown, before anybody types."""
    return {_ROLES.path: "\n".join(sorted(held)), **_boxes_of(held)}


def chosen_roles(fields: Fields) -> set[str]:
    """Return the roles that were chosen: what stands on a line as it is, and whose boxes are ticked.

    A form is read as the page was made from which it came; a role that is gone since is for the verb to refuse.
    """
    if (lines := fields.get(_ROLES.path)) is not None:
        return {line.strip() for line in lines.split("\n") if line.strip()}
    box = f"{_ROLES.path}."
    return {name.removeprefix(box) for name, text in fields.items() if name.startswith(box) and text == "on"}


def present_roles(held: Collection[str], names: Collection[str], version: int) -> Present:
    """Return what the boxes of these roles show: each is a field of its own, so that two changes go together."""
    boxes = [Field(f"{_ROLES.path}.{name}", name, Kind.SWITCH) for name in sorted({*held, *names})]
    return Present(boxes, version, _boxes_of(held), _given)


def in_boxes(fields: Fields) -> dict[str, str]:
    """Return a form with a box for each role that was chosen, however it was shown."""
    others = {name: text for name, text in fields.items() if name != _ROLES.path}
    return {**others, **_boxes_of(chosen_roles(fields))}


def _boxes_of(held: Collection[str]) -> dict[str, str]:
    return {f"{_ROLES.path}.{name}": "on" for name in held}


def _given(box: Field, texts: Fields) -> str:
    return "given" if texts.get(box.path) else "not given"
