"""What the section of the look says: the names of parts, and each part of a look in a few words."""

from typing import Final

from jitney.model.look import Look

TITLES: Final = {
    "product_name": "Name",
    "language": "Language",
    "logo": "Logo",
    "primary": "Buttons and links",
    "background": "Ground of the page",
    "surface": "Card and fields",
    "text": "Text",
    "light": "light pages",
    "dark": "dark pages",
}
LANGUAGES: Final = {"en": "English", "de": "German", "ar": "Arabic"}
AS_BEFORE: Final = "as the settings say"


def title_of(part: str) -> str:
    """Return what operators call a part of a look (``light.text``, ``texts.de``, ``templates.error.html``)."""
    group, _, name = part.partition(".")
    match group:
        case "light" | "dark":
            return f"{TITLES[name]}, {TITLES[group]}"
        case "texts":
            return f"Texts in {LANGUAGES.get(name, name)}"
        case "templates":
            return f"Template {name}"
        case _:
            return TITLES[group]


def told(look: Look, part: str) -> str:
    """Return what a look says of a part, for two versions side by side."""
    group, _, name = part.partition(".")
    match group:
        case "light" | "dark":
            return getattr(getattr(look, group), name) or AS_BEFORE
        case "texts":
            own = look.texts.get(name, {})
            return "\n".join(f"{text} → {instead}" for text, instead in sorted(own.items())) or AS_BEFORE
        case "templates":
            return look.templates.get(name, AS_BEFORE)
        case "logo":
            return f"a picture of {len(look.logo.content)} octets" if look.logo else AS_BEFORE
        case _:
            return getattr(look, group) or AS_BEFORE
