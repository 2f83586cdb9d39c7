"""What a declaration says shall be, what is there already, and the steps between the two."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jitney.administration.user_drafts import FederatedKey, NewUser
from jitney.administration.users import UserEdit
from jitney.model.application import Application
from jitney.model.consent import Purpose
from jitney.model.identity_provider import IdentityProvider
from jitney.model.user import User


@dataclass(frozen=True, slots=True)
class DeclaredIdentityProvider:
    """An identity provider that shall be; its id and version say nothing.

    Where ``states_enabled`` is false, one that an operator switched off stays off.
    """

    idp: IdentityProvider
    states_enabled: bool = False


@dataclass(frozen=True, slots=True)
class DeclaredApplication:
    """An application that shall be; ``secret`` is the one that it already has."""

    application: Application
    secret: str | None = field(default=None, repr=False)
    states_enabled: bool = False


@dataclass(frozen=True, slots=True)
class Declaration:
    """Everything that the files of one ``jitney apply`` say; ids and versions of purposes say nothing."""

    roles: tuple[str, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    identity_providers: tuple[DeclaredIdentityProvider, ...] = ()
    applications: tuple[DeclaredApplication, ...] = ()
    users: tuple[NewUser, ...] = ()


@dataclass(frozen=True, slots=True)
class PresentUser:
    """A declared user who exists: the record, its links, and whether the declared password is theirs."""

    user: User
    links: frozenset[FederatedKey]
    password_fits: bool


@dataclass(frozen=True, slots=True)
class Present:
    """What is there now.

    Purposes and identity providers by name, applications by id, users by ``DOMAIN/name`` as declared.
    """

    roles: frozenset[str]
    purposes: Mapping[str, Purpose]
    identity_providers: Mapping[str, IdentityProvider]
    applications: Mapping[str, Application]
    users: Mapping[tuple[str, str], PresentUser]


@dataclass(frozen=True, slots=True)
class AddRoleStep:
    """Define a role."""

    name: str


@dataclass(frozen=True, slots=True)
class AddPurposeStep:
    """Define a purpose."""

    purpose: Purpose


@dataclass(frozen=True, slots=True)
class ChangePurposeStep:
    """Change a purpose in these fields, from this version."""

    purpose: Purpose
    version: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddIdentityProviderStep:
    """Add an identity provider."""

    idp: IdentityProvider


@dataclass(frozen=True, slots=True)
class ChangeIdentityProviderStep:
    """Change an identity provider in these fields, from this version."""

    idp: IdentityProvider
    version: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddApplicationStep:
    """Register an application."""

    application: Application
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangeApplicationStep:
    """Change an application in these fields, from this version."""

    application: Application
    secret: str | None = field(repr=False)
    version: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddUserStep:
    """Add a user."""

    new: NewUser


@dataclass(frozen=True, slots=True)
class ChangeUserStep:
    """Change a user: what ``edit`` says, a password, a lock, new links.

    ``privileged`` says that the declaration itself calls the user an operator, so that a link is meant.
    """

    user_id: str
    name: str
    edit: UserEdit
    password: str | None = field(repr=False)
    locked: str | None
    fields: tuple[str, ...]
    links: tuple[FederatedKey, ...] = ()
    privileged: bool = False


@dataclass(frozen=True, slots=True)
class RemoveApplicationStep:
    """Remove an application that is not declared."""

    id: str


@dataclass(frozen=True, slots=True)
class RemoveIdentityProviderStep:
    """Remove an identity provider that is not declared."""

    name: str


@dataclass(frozen=True, slots=True)
class RemovePurposeStep:
    """Remove a purpose that is not declared."""

    name: str


@dataclass(frozen=True, slots=True)
class RemoveRoleStep:
    """Remove a role that is not declared."""

    name: str


Step = (
    AddRoleStep | AddPurposeStep | ChangePurposeStep | AddIdentityProviderStep | ChangeIdentityProviderStep
    | AddApplicationStep | ChangeApplicationStep | AddUserStep | ChangeUserStep
    | RemoveApplicationStep | RemoveIdentityProviderStep | RemovePurposeStep | RemoveRoleStep
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in the order in which they can be taken; empty where all is as declared.

    ``warnings`` tell what of them is allowed and yet worth a second look.
    """

    steps: tuple[Step, ...]
    warnings: tuple[str, ...] = ()


def describe(step: Step) -> tuple[str, str, str, tuple[str, ...]]:
    """Return a step in words: its sign (``+ ~ -``), the kind of thing, its name, and the fields that change."""
    match step:
        case AddRoleStep(name):
            return "+", "role", name, ()
        case AddPurposeStep(purpose):
            return "+", "purpose", purpose.name, ()
        case ChangePurposeStep(purpose, _, fields):
            return "~", "purpose", purpose.name, fields
        case AddIdentityProviderStep(idp):
            return "+", "identity provider", idp.name, ()
        case ChangeIdentityProviderStep(idp, _, fields):
            return "~", "identity provider", idp.name, fields
        case AddApplicationStep(application, _):
            return "+", "application", application.id, ()
        case ChangeApplicationStep(application, _, _, fields):
            return "~", "application", application.id, fields
        case AddUserStep(new):
            return "+", "user", new.name, ()
        case ChangeUserStep(name=name, fields=fields):
            return "~", "user", name, fields
        case RemoveApplicationStep(id):
            return "-", "application", id, ()
        case RemoveIdentityProviderStep(name):
            return "-", "identity provider", name, ()
        case RemovePurposeStep(name):
            return "-", "purpose", name, ()
        case RemoveRoleStep(name):
            return "-", "role", name, ()
