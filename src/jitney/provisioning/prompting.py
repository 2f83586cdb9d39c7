"""PromptMode × what is missing → PromptForm.

The pages that ask are not built yet: a form is owed by every mode but the silent one, and no answer can
settle it; only a declined consent is heeded already, since it can but refuse.
"""

from dataclasses import dataclass

from jitney.model.policy import PromptMode
from jitney.model.user import Username
from jitney.provisioning.facts import Facts


@dataclass(frozen=True, slots=True)
class PromptForm:
    """What a page must ask before an account may be made.

    ``username`` is shown, and may be changed only where ``asks_username`` says so.
    """

    mode: PromptMode
    username: Username
    asks_username: bool
    asks_password: bool


def owed_form(facts: Facts, username: Username) -> PromptForm | None:
    """Return the form that is still owed, ``None`` where nothing is or where the person has declined."""
    mode = facts.idp.policy.prompt_mode
    if mode is PromptMode.SILENT or has_declined(facts):
        return None
    return PromptForm(
        mode=mode, username=username,
        asks_username=mode is PromptMode.USERNAME_PASSWORD_AND_CONSENT,
        asks_password=mode is not PromptMode.CONSENT,
    )  # fmt: skip


def has_declined(facts: Facts) -> bool:
    """Say whether the person declined a consent without which no account is made."""
    return facts.answers is not None and bool(facts.answers.declined_mandatory)
