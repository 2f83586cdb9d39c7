"""The wanted user name: which of the things that a provider says names the person here."""

from dataclasses import dataclass
from enum import StrEnum
from string import Formatter

from jitney.model.claims import Attributes
from jitney.model.outcome import Reason
from jitney.model.policy import ProvisioningPolicy


class NameSource(StrEnum):
    """Where a wanted name came from; placement trusts a prefix in a name differently by it."""

    TYPED = "typed"
    USER_ID_CLAIM = "user_id_claim"
    FEDERATED_USER_ID = "federated_user_id"
    TEMPLATE = "username_template"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class WantedName:
    """The name that an arrival asks for, exactly as found: never cut, not yet normalised."""

    text: str
    source: NameSource


@dataclass(frozen=True, slots=True)
class NamingRule:
    """What may name a person, beside the claim that the mapping table points at.

    ``template`` is text with attributes in braces (``{given_name}.{family_name}``); ``federated_user_id`` is
    the server's own unique id for the federated identity, given only under the enhanced feature.
    """

    template: str | None = None
    federated_user_id: str | None = None


def choose_wanted_name(
    user_id: str | None, rule: NamingRule, attributes: Attributes, *, subject: str
) -> tuple[WantedName, tuple[Reason, ...]]:
    """Choose by the order of jit.md 4: user-id claim, federated unique user id, template, subject.

    Returns the name, and a note where the template could not be filled.
    """
    if user_id is not None:
        return WantedName(user_id, NameSource.USER_ID_CLAIM), ()
    if rule.federated_user_id is not None:
        return WantedName(rule.federated_user_id, NameSource.FEDERATED_USER_ID), ()
    if rule.template is None:
        return WantedName(subject, NameSource.SUBJECT), ()
    filled = fill_template(rule.template, attributes)
    if filled is not None:
        return WantedName(filled, NameSource.TEMPLATE), ()
    return WantedName(subject, NameSource.SUBJECT), (Reason("username_template_not_filled"),)


def wanted_of(found: WantedName, policy: ProvisioningPolicy, *, typed: str | None) -> WantedName:
    """Return the name to place: what the person typed, where the mode lets them, else what was found.

    ``found`` is the wanted name of the mapped claims; ``typed`` is the answer's user name, ``None`` where there is
    no answer.
    A blank answer names nobody: then what was found keeps the place, and the page says what is missing.
    """
    if typed and not typed.isspace() and policy.prompt_mode.asks_username:
        return WantedName(typed, NameSource.TYPED)
    return found


def suffixed(name: str, number: int) -> str:
    """Return the name with a number behind it, for ``onNameTaken = suffix``; numbers begin at 2.

    A name that ends in a digit gets a ``-`` between, so that ``ana1`` never becomes ``ana12``.
    """
    return f"{name}-{number}" if name[-1:].isdigit() else f"{name}{number}"


def fill_template(template: str, attributes: Attributes) -> str | None:
    """Put attributes into a template; ``None`` unless each one named has exactly one value.

    Nothing but a plain name may stand in the braces: no index, no conversion, no format.
    """
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return None
    filled = [literal + _value(name, attributes, plain=not (form or conversion))
              for literal, name, form, conversion in parts]  # fmt: skip
    text = "".join(filled)
    return None if not text or "\0" in text else text


def _value(name: str | None, attributes: Attributes, *, plain: bool) -> str:
    if name is None:
        return ""
    values = attributes.get(name, ())
    # NUL stands in no attribute, so it marks a gap without ambiguity.
    return values[0] if plain and len(values) == 1 else "\0"
