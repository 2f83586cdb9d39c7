"""Look: how the pages for arriving people look and speak, as operators changed it in the console."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Colours:
    """Colours as ``#rrggbb``; ``None`` leaves what the settings, or our own style sheet, say."""

    primary: str | None = None
    background: str | None = None
    surface: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class LogoFile:
    """A picture of at most 256 KiB; ``media_type`` is what its octets say it is."""

    content: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True)
class Look:
    """What replaces the ``[pages]`` of the settings, part by part; what is ``None`` or empty leaves them in force.

    ``texts`` maps a language tag to pairs of our English text and the installation's own;
    ``templates`` maps the file name of a page of ours to the template that stands in its place.
    ``version`` grows with every change; 0: nothing was ever saved.
    """

    product_name: str | None = None
    language: str | None = None
    logo: LogoFile | None = None
    light: Colours = Colours()
    dark: Colours = Colours()
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    templates: Mapping[str, str] = field(default_factory=dict[str, str])
    version: int = 0
