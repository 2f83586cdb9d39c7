"""What the verb of the look must know of the pages: their languages, templates, colours and texts."""

from collections.abc import Mapping
from dataclasses import dataclass

from jitney.model.look import LogoFile
from jitney.web.console.look.samples import PAGES
from jitney.web.kit.languages import TAGS
from jitney.web.kit.logo import UnfitLogoError, logo_of
from jitney.web.kit.own_texts import find_text_flaw
from jitney.web.kit.theme import PLAIN, Theme, contrast


@dataclass(frozen=True, slots=True)
class PagesAsTheyAre:
    """Our own pages under the theme of the settings."""

    theme: Theme

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the tags of the languages that the pages speak."""
        return TAGS

    @property
    def templates(self) -> frozenset[str]:
        """Return the file names of the templates that arriving people see."""
        return frozenset(PAGES)

    def colours(self, scheme: str) -> Mapping[str, str]:
        """Return the colours that hold where a look says nothing, by name."""
        settings, ours = {"light": self.theme.light, "dark": self.theme.dark}[scheme], PLAIN[scheme]
        return {
            "primary": settings.primary or ours.primary,
            "background": settings.background or ours.background,
            "surface": settings.surface or ours.surface,
            "text": settings.text or ours.text,
        }

    def contrast(self, one: str, other: str) -> float:
        """Return the contrast of two colours, from 1 to 21."""
        return contrast(one, other)

    def find_logo_flaw(self, logo: LogoFile) -> str | None:
        """Return why octets cannot be a logo of their kind, as a sentence."""
        try:
            kind = logo_of(logo.content).media_type
        except UnfitLogoError as fault:
            return str(fault)
        return None if kind == logo.media_type else "The file is a picture of another kind than it says."

    def find_text_flaw(self, text: str, own: str) -> str | None:
        """Return why a text cannot stand in the place of one of ours, as a sentence."""
        return find_text_flaw(text, own)
