"""Name every key that was set although nothing obeys it yet: no key is silently ignored."""

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from jitney.settings.checked import Deployment
from jitney.settings.faults import Place, path_of

_ONLY_TRUE = (
    ("authentication", "jit_provisioning", "preserve_locally_added_claims"),
    ("idp_role_management", "return_only_mapped_local_roles"),
    ("idp_role_management", "return_manually_added_local_roles"),
)
"""Keys of which only ``true`` is built."""


def find_unbuilt(deployment: Deployment) -> Iterator[str]:
    """Return one sentence for each key that is set to something that nothing obeys yet."""
    for place, field, value in _keys(deployment, ()):
        extra = field.json_schema_extra
        if place in _ONLY_TRUE and value is False:
            yield f"{path_of(place)}: false is understood, but not built yet; Jitney acts as if it were true."
        elif isinstance(extra, dict) and extra.get("built") is False and value != field.default:
            yield f"{path_of(place)}: this key has no effect yet, since its feature is not built."


def _keys(section: BaseModel, place: Place) -> Iterator[tuple[Place, FieldInfo, object]]:
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        here = (*place, field.alias or name)
        if isinstance(value, BaseModel):
            yield from _keys(value, here)
        else:
            yield here, field, value
