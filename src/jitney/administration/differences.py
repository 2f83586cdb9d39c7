"""Which fields of a record a change touches: their names, never their values."""

from dataclasses import fields, is_dataclass
from typing import Any


def changed_fields(before: Any, after: Any, *, path: str = "") -> tuple[str, ...]:
    """Return the dotted names of the fields in which two records differ (``policy.prompt_mode``).

    ``id`` and ``version`` are not looked at: they are ours, not the operator's.
    """
    if type(before) is not type(after) or not is_dataclass(before):
        return () if before == after else (path,)
    names: list[str] = []
    for field in fields(before):
        if path or field.name not in ("id", "version"):
            inner = f"{path}.{field.name}" if path else field.name
            names.extend(changed_fields(getattr(before, field.name), getattr(after, field.name), path=inner))
    return tuple(names)
