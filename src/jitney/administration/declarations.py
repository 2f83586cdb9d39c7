"""What a declaration says shall be, what is there already, and the steps between the two."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jitney.administration.user_drafts import FederatedKey, NewUser
from jitney.administration.users import UserEdit
from jitney.model.application import Application
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
    """Everything that the files of one ``jitney apply`` say."""

    roles: tuple[str, ...] = ()
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
    """What is there now; identity providers by name, applications by id, users by ``DOMAIN/name`` as declared."""

    roles: frozenset[str]
    identity_providers: Mapping[str, IdentityProvider]
    applications: Mapping[str, Application]
    users: Mapping[tuple[str, str], PresentUser]


@dataclass(frozen=True, slots=True)
class AddRoleStep:
    """Define a role."""

    name: str


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
    """Change a user: what ``edit`` says, a password, a lock."""

    user_id: str
    name: str
    edit: UserEdit
    password: str | None = field(repr=False)
    locked: str | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveApplicationStep:
    """Remove an application that is not declared."""

    id: str


@dataclass(frozen=True, slots=True)
class RemoveIdentityProviderStep:
    """Remove an identity provider that is not declared."""

    name: str


@dataclass(frozen=True, slots=True)
class RemoveRoleStep:
    """Remove a role that is not declared."""

    name: str


Step = (
    AddRoleStep | AddIdentityProviderStep | ChangeIdentityProviderStep
    | AddApplicationStep | ChangeApplicationStep | AddUserStep | ChangeUserStep
    | RemoveApplicationStep | RemoveIdentityProviderStep | RemoveRoleStep
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps in the order in which they can be taken; empty where all is as declared."""

    steps: tuple[Step, ...]


def describe(step: Step) -> tuple[str, str, str, tuple[str, ...]]:
    """Return a step in words: its sign (``+ ~ -``), the kind of thing, its name, and the fields that change."""
    match step:
        case AddRoleStep(name):
            return "+", "role", name, ()
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
        case ChangeUserStep(_, name, _, _, _, fields):
            return "~", "user", name, fields
        case RemoveApplicationStep(id):
            return "-", "application", id, ()
        case RemoveIdentityProviderStep(name):
            return "-", "identity provider", name, ()
        case RemoveRoleStep(name):
            return "-", "role", name, ()
