"""The steps of a sign-in on one page: given what is known, the first thing still owed is the next step."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jitney.errors import JitneyError
from jitney.model.application import Application
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.grant import AuthorizationRequest
from jitney.model.identity_provider import IdentityProvider
from jitney.model.outcome import Outcome
from jitney.model.policy import PromptMode
from jitney.model.session import Session
from jitney.model.sign_in import SignIn, Stage
from jitney.provisioning.prompt_forms import PromptForm, ProofForm
from jitney.signin.application_trial import TriedApplication
from jitney.signin.rehearsal import Rehearsed


class Owed(StrEnum):
    """What a journey still owes, in the order in which it is asked for."""

    CHOICE = "choice"
    ANSWER_FROM_UPSTREAM = "answer_from_upstream"
    PROVISIONING = "provisioning"
    SECOND_FACTOR = "second_factor"
    NOTHING = "nothing"
    OVER = "over"


OWED: dict[Stage, Owed] = {
    Stage.CHOOSING: Owed.CHOICE,
    Stage.UPSTREAM: Owed.ANSWER_FROM_UPSTREAM,
    Stage.RETURNED: Owed.OVER,
    Stage.PROVEN: Owed.PROVISIONING,
    Stage.HALF_WAY: Owed.SECOND_FACTOR,
    Stage.DONE: Owed.NOTHING,
    Stage.REFUSED: Owed.OVER,
}
"""Stage → what is owed; a state that was spent but led nowhere (``RETURNED``) is over: start again."""


def next_step(sign_in: SignIn) -> Owed:
    """Return the first thing that this journey still owes."""
    return OWED[sign_in.stage]


SILENT_ERRORS: dict[Owed, str | None] = {
    Owed.CHOICE: "login_required",
    Owed.ANSWER_FROM_UPSTREAM: "login_required",
    Owed.PROVISIONING: "interaction_required",
    Owed.SECOND_FACTOR: "interaction_required",
    Owed.NOTHING: None,
    Owed.OVER: "interaction_required",
}
"""What is owed → the OpenID error that stands for it under ``prompt=none`` (OIDC Core 3.1.2.6)."""


def silent_error(owed: Owed) -> str | None:
    """Return the error for a step that may not be shown; ``None`` where no step is left."""
    return SILENT_ERRORS[owed]


@dataclass(frozen=True, slots=True)
class Option:
    """An identity provider that the person may choose."""

    name: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Choose:
    """Show the sign-in page; ``handle`` is what its address carries."""

    handle: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Send the browser to the identity provider, with ``fields`` by a form that posts them there.

    ``visitor``, where it is given, is what the browser brings along when the provider's page posts its answer, with
    which our other cookies do not come (R-102).
    """

    location: str
    fields: Mapping[str, str] | None = None
    visitor: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A session exists.

    ``token`` is the new cookie's value, ``None`` where the browser's session was good; ``code`` is the code for
    the application, where it was made with the session.
    """

    session: Session
    token: str | None
    request: AuthorizationRequest | None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class CannotAsk:
    """The application forbade pages and one would be needed; ``error`` is the OpenID error."""

    request: AuthorizationRequest
    error: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Send the browser to the page that asks; ``key`` is what its address carries.

    ``mode`` is that of the sign-up form, ``None`` where an account must be proven.
    ``visitor`` is what a page of the customer's own gives the browser to come back with (R-102).
    """

    key: str
    mode: PromptMode | None
    visitor: str


@dataclass(frozen=True, slots=True)
class FactorWanted:
    """Send the browser to the page of the second factor; ``key`` is what its address carries."""

    key: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything that the page which asks says, as it stands now.

    ``form`` ``None``: nothing is left to ask, and the person only has to go on.
    ``provider`` and ``application`` are names for people; ``reference`` is for the help desk.
    ``tries_left`` is how many more answers are taken; ``ui_locales`` is the application's wish for a language.
    """

    form: PromptForm | ProofForm | None
    provider: str
    application: str
    reference: str
    tries_left: int
    ui_locales: str | None = None


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Show the page that asks once more, with what was wrong; its address has not changed."""

    key: str
    shown: Shown


@dataclass(frozen=True, slots=True)
class TurnedBack:
    """The person declined or cancelled: the application is told ``access_denied``."""

    request: AuthorizationRequest | None
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Refused:
    """The journey is over without a session; the outcome is stored under its reference."""

    outcome: Outcome
    sentence: str
    request: AuthorizationRequest | None = None


@dataclass(frozen=True, slots=True)
class WrongCredentials:
    """Name and password do not open any account; one answer for every cause (R-109).

    ``is_undecided`` says that a user store could not be asked, which is no fault of the person's.
    """

    handle: str
    reference: str
    is_undecided: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """What an operator's trial of an identity provider has shown; nothing was kept of it.

    ``identity`` is what the provider proved and ``rehearsed`` what a sign-in would make of it; where the provider's
    answer was refused, or nothing could be decided, ``fault`` says why.
    ``provider`` stands as it was read when the answer came.
    Where the provider was tried on behalf of an application, ``application`` is that one, and ``towards`` says how
    it would go there.
    """

    provider: IdentityProvider
    identity: FederatedIdentity | None = None
    rehearsed: Rehearsed | None = None
    fault: JitneyError | None = None
    application: Application | None = None
    towards: TriedApplication | None = None


Step = (
    Choose | Leave | Arrived | CannotAsk | FactorWanted | Prompt | AskAgain | TurnedBack | Refused
    | WrongCredentials | Tried
)  # fmt: skip
