"""Parts: a record is edited in several pages, and each has some of its fields."""

from collections.abc import Iterable
from dataclasses import dataclass

from jitney.errors import InvalidInput
from jitney.web.console.record_forms import Field, typed_of
from jitney.web.console.versions import Present


@dataclass(frozen=True, slots=True)
class Part:
    """Some fields that are edited on one page, which ``word`` names in its address.

    ``risky`` ones lead to where passwords and people come from.
    """

    word: str
    title: str
    sentence: str
    fields: tuple[Field, ...]
    risky: bool = False

    def now(self, record: object, version: int) -> Present:
        """Return what the form of this part shows of a record as it is now."""
        return Present(self.fields, version, typed_of(record, self.fields))

    def placed(self, fault: InvalidInput, parts: Iterable["Part"]) -> InvalidInput:
        """Return a fault that names, of each field that does not stand here, the part where it stands."""
        titles = {field.path: part.title for part in parts for field in part.fields}
        here = {field.path for field in self.fields}
        told = {
            path: sentence if path in here else f"{titles.get(path) or _in_words(path)}: {sentence}"
            for path, sentence in fault.fields.items()
        }
        return InvalidInput(fault.code, fault.sentence, fields=told)


def _in_words(path: str) -> str:
    return path.partition(".")[0].replace("_", " ")
