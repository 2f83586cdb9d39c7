"""Words for what a provider does: its provisioning in a few words, and what becomes of its people when it goes."""

from collections.abc import Sequence
from typing import Final

from jitney.administration.records.outcome_words import says
from jitney.model.policy import PromptMode, ProvisioningPolicy
from jitney.model.provider_removal import Fate, RemovalCounts
from jitney.ports import LastSignIns
from jitney.web.console.identity_providers.policy_fields import store_text

KIND_WORDS: Final = {"oidc": "OpenID Connect", "oauth2": "OAuth 2.0", "saml": "SAML"}

_PROMPTS: Final = {
    PromptMode.SILENT: "silently",
    PromptMode.CONSENT: "with consent",
    PromptMode.PASSWORD_AND_CONSENT: "with password and consent",
    PromptMode.USERNAME_PASSWORD_AND_CONSENT: "with username, password and consent",
}

_WHY: Final = {
    Fate.HAS_OTHER_LINK: "can sign in through another provider",
    Fate.HAS_PASSWORD: "have a password here",
    Fate.NOT_PROVISIONED_BY_IT: "did not come with it",
    Fate.IS_OPERATOR: "administer Jitney",
    Fate.ENTRY_NOT_OURS: "have an entry in their user store that Jitney did not make",
    Fate.DELETION_OFF: "stay, because the people of this provider are not deleted with it",
}

_WHY_ONE: Final = {
    Fate.DELETED: "is deleted",
    Fate.HAS_OTHER_LINK: "can sign in through another provider",
    Fate.HAS_PASSWORD: "has a password here",
    Fate.NOT_PROVISIONED_BY_IT: "did not come with it",
    Fate.IS_OPERATOR: "administers Jitney",
    Fate.ENTRY_NOT_OURS: "has an entry in the user store that Jitney did not make",
    Fate.DELETION_OFF: "stays",
}


def provisioning_words(policy: ProvisioningPolicy) -> str:
    """Return a policy in a few words."""
    if not policy.enabled:
        return "No provisioning"
    return f"Always provision to {store_text(policy.placement)}, {_PROMPTS[policy.prompt_mode]}"


def error_words(last: LastSignIns) -> str:
    """Return why nobody came in by the last sign-in that was refused, in words; blank where none was."""
    return says(last.refused.code) if last.refused is not None else ""


def why_kept(fate: Fate) -> str:
    """Return why one person is kept."""
    return _WHY_ONE[fate]


def count_lines(counts: RemovalCounts, *, deleted: str, kept: str) -> Sequence[tuple[str, str]]:
    """Return how many people have which fate; the fates that nobody has are left out."""
    lines = [(deleted, str(counts.deleted)), (kept, str(counts.kept))]
    for fate, why in _WHY.items():
        if number := getattr(counts, fate.value):
            lines.append((f"of them: {why}", str(number)))
    return lines
