"""A sample: one page as people would see it, with values of nobody, in any language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from jitney.web.kit.languages import Language


class Words(str):
    """A text of ours within a sample, which is said in the language of the page."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A page: its name in addresses, its title for operators, its template, and what the template needs."""

    name: str
    title: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def said(self, language: Language) -> dict[str, Any]:
        """Return the values in a language."""
        return {name: _said(value, language) for name, value in self.values.items()}


def of(**parts: Any) -> SimpleNamespace:
    """Return something with these parts, as templates are given."""
    return SimpleNamespace(**parts)


def _said(value: Any, language: Language) -> Any:
    match value:
        case Words():
            return language.gettext(str(value))
        case SimpleNamespace():
            return SimpleNamespace(**{name: _said(one, language) for name, one in vars(value).items()})
        case dict():
            return {name: _said(one, language) for name, one in value.items()}
        case tuple() | list():
            return tuple(_said(one, language) for one in value)
        case _:
            return value
