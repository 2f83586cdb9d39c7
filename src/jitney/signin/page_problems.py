"""What a page says about an answer that would not do, where it is not the form's own judgement."""

from collections.abc import Mapping

from jitney.model.outcome import Reason
from jitney.provisioning.prompt_forms import Problem, PromptForm
from jitney.provisioning.sentences import PROBLEMS, SENTENCES

PROOF_FAILED = Problem(
    Reason("link_proof_failed"),
    "This user name and password do not open an account. Please check both and try again.",
)
"""One sentence for every cause (R-109)."""

NOT_LOOKED_UP = (
    "This account cannot be looked up now. "
    "Please try again in a few minutes, or write your user name with its domain in front: DOMAIN/name."
)
"""Whoever gives the domain needs no other store than that one (P-11)."""

PROOF_UNDECIDED = Problem(Reason("user_store_unreachable"), NOT_LOOKED_UP)

PROOF_OPENS_NOTHING = (
    "What you signed in with does not open an account here. Please start again, another way."
)

NOT_ACCEPTED = "This was not accepted. Please check it."


def remembered_problems(form: PromptForm, problems: Mapping[str, str]) -> Mapping[str, Problem]:
    """Return the problems of the last answer, which a journey keeps as field and reason code, as sentences.

    Fields that the form does not ask for any more are left out.
    """
    asked = form.fields | {"form"}
    return {
        name: Problem(Reason(code), _sentence(form, code)) for name, code in problems.items() if name in asked
    }


def _sentence(form: PromptForm, code: str) -> str:
    stores_own = {
        "user_name_breaks_pattern": form.store.username.message,
        "password_breaks_pattern": form.store.password.message,
    }
    return stores_own.get(code) or PROBLEMS.get(code) or SENTENCES.get(code, NOT_ACCEPTED)
