"""Two spellings of WSO2, one of ours: ``username_java_regex`` is read as ``UsernameJavaRegEx``."""

from collections.abc import Mapping
from typing import cast

from pydantic import BaseModel

from jitney.settings.faults import model_in

_OLD_SPELLINGS = {
    "UserNameJavaRegEx": "UsernameJavaRegEx",
    "UserNameJavaScriptRegEx": "UsernameJavaScriptRegEx",
}


def with_documented_names(tree: Mapping[str, object], model: type[BaseModel]) -> dict[str, object]:
    """Return the document with every key under the name that the reference page uses.

    A key that stands in both spellings is left as it is, and refused as unknown.
    """
    renamed: dict[str, object] = {}
    for name, value in tree.items():
        field = model.model_fields.get(name)
        known = (field.alias if field and field.alias else None) or _OLD_SPELLINGS.get(name, name)
        name = known if known not in tree and known not in renamed else name
        inner = model_in(field.annotation) if field else None
        if inner is not None and isinstance(value, Mapping):
            value = with_documented_names(cast("Mapping[str, object]", value), inner)
        renamed[name] = value
    return renamed
