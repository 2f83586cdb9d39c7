"""What a part of the file is made of: keys with a type, bounds and a default, and their texts in the docs.

The docstring under a key is its text in ``docs/reference/settings.md``.
Beside it stand what is allowed, and ``built=False`` for a key that is understood while the room that would
obey it is not built yet: setting such a key warns at every start, and is never passed over in silence.
"""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def setting(default: Any, allowed: str, *, built: bool = True, secret: bool = False, **rules: Any) -> Any:
    """Describe one key: its default, what is allowed in words, and the same as rules for pydantic."""
    extra = {"allowed": allowed, "built": built, "secret": secret}
    return Field(default, json_schema_extra=extra, validate_default=False, **rules)


def _switch(value: object) -> object:
    """Take ``"true"`` and ``"false"`` as WSO2's documents write them, and nothing looser."""
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if isinstance(value, bool):
        return value
    raise ValueError("must be true or false")


def _no_switch(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("must be a whole number")
    return value


Switch = Annotated[bool, BeforeValidator(_switch)]
Count = Annotated[int, BeforeValidator(_no_switch)]
TRUE_OR_FALSE = "true or false (also as text)"


class Section(BaseModel):
    """A part of the file; a key that is not listed here is a fault."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
