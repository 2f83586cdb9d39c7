"""Warnings of the verbs, which begin with the path of a field, in the words of the forms."""

import re
from collections.abc import Iterable, Mapping

from jitney.web.console.record_fields import Field

_RULE = re.compile(r"sign_in_policy\.rules\[(\d+)\](?:\.\w+)?")


def in_words(warnings: Iterable[str], fields: Iterable[Field] = ()) -> tuple[str, ...]:
    """Return warnings with the label of their field, or the number of their rule, in the place of the path."""
    labels = {field.path: field.label for field in fields}
    return tuple(_in_words(warning, labels) for warning in warnings)


def _in_words(warning: str, labels: Mapping[str, str]) -> str:
    path, colon, text = warning.partition(": ")
    if not colon:
        return warning
    if rule := _RULE.fullmatch(path):
        return f"Rule {rule.group(1)}: {text}"
    label = "Sign-in policy" if path == "sign_in_policy.rules" else labels.get(path)
    return f"{label}: {text}" if label else warning
