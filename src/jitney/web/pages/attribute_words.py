"""What pages say of an attribute: its label, and how a field for it behaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Say = Callable[[str], str]
"""Puts a text of the catalogue into the language of a page; any other text stays as it is."""

_ = str
"""Marks a text of the catalogue."""


@dataclass(frozen=True, slots=True)
class AttributeWords:
    """The label is a text of the catalogue; ``type`` and ``autocomplete`` are HTML's (4.10.5, 4.10.18.7)."""

    label: str
    type: str = "text"
    autocomplete: str = "off"


WORDS: Mapping[str, AttributeWords] = {
    "name": AttributeWords(_("Full name"), autocomplete="name"),
    "given_name": AttributeWords(_("First name"), autocomplete="given-name"),
    "family_name": AttributeWords(_("Last name"), autocomplete="family-name"),
    "middle_name": AttributeWords(_("Middle name"), autocomplete="additional-name"),
    "nickname": AttributeWords(_("Nickname"), autocomplete="nickname"),
    "preferred_username": AttributeWords(_("Preferred user name")),
    "profile": AttributeWords(_("Profile page"), "url", "url"),
    "picture": AttributeWords(_("Picture"), "url", "photo"),
    "website": AttributeWords(_("Website"), "url", "url"),
    "email": AttributeWords(_("E-mail address"), "email", "email"),
    "email_verified": AttributeWords(_("E-mail address verified")),
    "gender": AttributeWords(_("Gender"), autocomplete="sex"),
    "birthdate": AttributeWords(_("Date of birth"), "date", "bday"),
    "zoneinfo": AttributeWords(_("Time zone")),
    "locale": AttributeWords(_("Language"), autocomplete="language"),
    "phone_number": AttributeWords(_("Phone number"), "tel", "tel"),
    "phone_number_verified": AttributeWords(_("Phone number verified")),
    "address.formatted": AttributeWords(_("Address")),
    "address.street_address": AttributeWords(_("Street and number"), autocomplete="street-address"),
    "address.locality": AttributeWords(_("Town"), autocomplete="address-level2"),
    "address.region": AttributeWords(_("Region"), autocomplete="address-level1"),
    "address.postal_code": AttributeWords(_("Postal code"), autocomplete="postal-code"),
    "address.country": AttributeWords(_("Country"), autocomplete="country-name"),
    "organization": AttributeWords(_("Company"), autocomplete="organization"),
    "department": AttributeWords(_("Department")),
    "title": AttributeWords(_("Job title"), autocomplete="organization-title"),
    "employee_number": AttributeWords(_("Employee number")),
    "cost_center": AttributeWords(_("Cost centre")),
}
"""Attribute → its words; the standard claims of OIDC Core 5.1 and what companies add most."""

FLAGS = frozenset({"email_verified", "phone_number_verified"})
"""Attributes that say yes or no."""

_FLAG_VALUES: Mapping[str, str] = {"true": _("yes"), "false": _("no")}


def words_of(attribute: str) -> AttributeWords:
    """Return the words for an attribute; of one that is not known the name is made readable."""
    known = WORDS.get(attribute)
    if known is not None:
        return known
    spaced = attribute.replace("_", " ").replace(".", " ").strip()
    return AttributeWords(spaced[:1].upper() + spaced[1:] or attribute)


def label_of(attribute: str, say: Say) -> str:
    """Return the label of an attribute in the language of a page."""
    return say(words_of(attribute).label)


def values_of(attribute: str, values: tuple[str, ...], say: Say) -> tuple[str, ...]:
    """Return values as people read them; what a person or a provider said is never translated."""
    if attribute not in FLAGS:
        return values
    return tuple(say(_FLAG_VALUES[value]) if value in _FLAG_VALUES else value for value in values)
