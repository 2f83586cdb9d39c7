"""Read the ``claims`` parameter: single claims that an application asks for by name (OIDC Core 5.5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, cast

from jitney.errors import InvalidInput
from jitney.jose.limits import parse_json_object

_MAX_BYTES: Final = 8 * 1024
_MAX_NAMES: Final = 64
PLACES: Final = ("id_token", "userinfo")


@dataclass(frozen=True, slots=True)
class RequestedClaims:
    """What the parameter asks for: names by place, and the two values that can make a request fail."""

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    subject: str | None = None
    essential_acr: tuple[str, ...] = ()


NOTHING: Final = RequestedClaims()


def parse_claims_parameter(unverified: str | None) -> RequestedClaims:
    """Return what the parameter asks for; names nobody knows are kept, and ignored where claims are chosen.

    Raises ``InvalidInput`` ``claims_parameter_malformed``.
    """
    if unverified is None:
        return NOTHING
    try:
        document = parse_json_object(unverified.encode(), max_bytes=_MAX_BYTES)
    except InvalidInput as fault:
        raise _malformed(fault.code) from fault
    places = {place: _members(document.get(place)) for place in PLACES}
    if sum(map(len, places.values())) > _MAX_NAMES:
        raise _malformed("too_many_names")
    return RequestedClaims(
        names={place: tuple(members) for place, members in places.items() if members},
        subject=_subject(places),
        essential_acr=_essential_acr(places["id_token"].get("acr")),
    )


def _members(section: object) -> dict[str, dict[str, object]]:
    """Return the claims of one place, each with its wishes; ``null`` means a claim without any."""
    if section is None:
        return {}
    if not isinstance(section, dict):
        raise _malformed("place_is_no_object")
    members = cast("dict[str, object]", section)
    if not all(wish is None or isinstance(wish, dict) for wish in members.values()):
        raise _malformed("wish_is_no_object")
    return {name: cast("dict[str, object]", wish) or {} for name, wish in members.items()}


def _subject(places: Mapping[str, Mapping[str, Mapping[str, object]]]) -> str | None:
    """Return the one ``sub`` that may answer; two different ones cannot both be met."""
    wanted = {
        value
        for members in places.values()
        if (value := members.get("sub", {}).get("value")) is not None
    }  # fmt: skip
    if not wanted:
        return None
    value = wanted.pop()
    if wanted or not isinstance(value, str) or not 0 < len(value) <= 255:
        raise _malformed("subject")
    return value


def _essential_acr(wish: Mapping[str, object] | None) -> tuple[str, ...]:
    """Return the classes of which one must be met; a voluntary wish can be left unmet (OIDC Core 5.5.1.1)."""
    if wish is None or wish.get("essential") is not True:
        return ()
    values = wish.get("values", [wish["value"]] if "value" in wish else [])
    if not isinstance(values, list) or not all(
        isinstance(value, str) for value in cast("list[object]", values)
    ):
        raise _malformed("acr")
    return tuple(cast("list[str]", values))


def _malformed(reason: str) -> InvalidInput:
    return InvalidInput(
        "claims_parameter_malformed", "The claims parameter cannot be understood.", reason=reason
    )
