"""The form of somebody's attributes: one field for each, and one for those that shall be added."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from jitney.model.user import User
from jitney.web.console.doorways import Fields
from jitney.web.console.people.act_page import wrong
from jitney.web.console.record_fields import Field, Kind
from jitney.web.console.versions import Present

MOST_FIELDS = 100
MOST_NEW = 200

NEW = Field(
    "new",
    "Add attributes",
    Kind.PAIRS,
    "One on each line, as name = value; a name that stands there twice gets two values.",
    placeholder="department = Sales",
)


@dataclass(frozen=True, slots=True)
class AttributeForm:
    """What the form of a user shows: its fields, what stands in them, and the names that go along unseen."""

    fields: Sequence[Field]
    filled: Mapping[str, str]
    hidden: Mapping[str, str]


def attribute_form(user: User, givers: Mapping[str, str], typed: Fields | None = None) -> AttributeForm:
    """Return the form of a user; ``givers`` says by name who gave the values of an attribute.

    One that is shown again has the fields that it had: a field that appeared blank would say that something goes.
    A value of several lines cannot be told from several values, and keeps its place until it is changed elsewhere.
    """
    names = [name for name in sorted(user.attributes) if _fits_lines(user.values(name))][:MOST_FIELDS]
    now = present_attributes(user, names if typed is None else _names_in(typed))
    fields = [
        replace(
            one, sentence=f"One value on each line; blank removes it. {givers.get(one.label, '')}".strip()
        )
        for one in now.fields
    ]
    filled = now.texts if typed is None else now.settled(typed)
    names_along = {_name_input(one.label): one.label for one in now.fields}
    return AttributeForm([*fields, NEW], filled, {**names_along, **now.made_from()})


def present_attributes(user: User, names: Iterable[str]) -> Present:
    """Return what the form shows of these attributes of a user as they are now."""
    values = {name: user.values(name) for name in names}
    fields = [Field(values_input(name), name, Kind.LINES) for name in values]
    return Present(fields, user.version, _texts_of(values))


def spelled_out(fields: Fields) -> dict[str, str]:
    """Return a form with what is to be added in fields of its own; raises as ``read_attributes`` does."""
    read = read_attributes(fields)
    names = {_name_input(name): name for name in read}
    return {**fields, NEW.path: "", **names, **_texts_of(read)}


def present_beside(user: User, spelled: Fields) -> Present:
    """Return what the attributes are now that a form has fields for."""
    return present_attributes(user, _names_in(spelled))


def read_attributes(fields: Fields) -> dict[str, tuple[str, ...]]:
    """Return the values that were typed, by attribute; none for one that shall go.

    Raises ``InvalidInput`` (``form_invalid``).
    """
    read = {name: _lines(fields.get(values_input(name), "")) for name in _names_in(fields)}
    for name, values in read_pairs(fields.get(NEW.path, "")).items():
        read[name] = tuple(dict.fromkeys((*read.get(name, ()), *values)))
    return read


def read_pairs(text: str) -> dict[str, tuple[str, ...]]:
    """Return what stands as ``name = value`` on each line; raises ``InvalidInput`` (``form_invalid``)."""
    pairs: dict[str, list[str]] = {}
    for line in _lines(text):
        name, sign, value = (part.strip() for part in line.partition("="))
        if not (name and sign and value):
            raise wrong(new="Write name = value, one on each line.")
        pairs.setdefault(name, []).append(value)
        if len(pairs) > MOST_NEW:
            raise wrong(new=f"Add at most {MOST_NEW} attributes at once.")
    return {name: tuple(dict.fromkeys(values)) for name, values in pairs.items()}


def values_input(attribute: str) -> str:
    """Return how the field of an attribute is called."""
    return f"values.{_key(attribute)}"


def place_of(attribute: str, fields: Fields) -> str:
    """Return the field of a form in which an attribute stands: its own, or that of those to be added."""
    return values_input(attribute) if attribute in _names_in(fields) else NEW.path


def _lines(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.replace("\r\n", "\n").split("\n"))
    return tuple(line for line in lines if line)


def _fits_lines(values: Sequence[str]) -> bool:
    return _lines("\n".join(values)) == tuple(values) and not any("\r" in value for value in values)


def _names_in(fields: Fields) -> list[str]:
    """Return the attributes that a form has fields for, as the hidden fields beside them say."""
    return [name for place, name in fields.items() if place == _name_input(name)]


def _texts_of(values: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {values_input(name): "\n".join(several) for name, several in values.items()}


def _name_input(attribute: str) -> str:
    return f"name.{_key(attribute)}"


def _key(attribute: str) -> str:
    """Return what stands for an attribute in the names of inputs: the same in every form, and plain letters."""
    return sha256(attribute.encode(errors="surrogatepass")).hexdigest()[:16]
