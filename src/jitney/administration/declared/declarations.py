"""What a declaration says shall be, what is there already, and the steps between the two."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.administration.people.users import UserEdit
from jitney.administration.stores.user_store_words import word_of
from jitney.model.application import Application
from jitney.model.consent import Purpose
from jitney.model.identity_provider import IdentityProvider
from jitney.model.user import User
from jitney.model.user_store_record import UserStoreRecord


@dataclass(frozen=True, slots=True)
class DeclaredIdentityProvider:
    """An identity provider that shall be; its id and version say nothing.

    Where ``states_enabled`` is false, one that an operator switched off stays off.
    ``metadata`` is the document that describes a SAML provider, where the declaration names a file of it.
    """

    idp: IdentityProvider
    states_enabled: bool = False
    metadata: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DeclaredApplication:
    """An application that shall be; ``secret`` is the one that it already has."""

    application: Application
    secret: str | None = field(default=None, repr=False)
    states_enabled: bool = False


@dataclass(frozen=True, slots=True)
class DeclaredUserStore:
    """A user store that shall be; its id and version say nothing, and a secret left out stays as it is."""

    record: UserStoreRecord
    states_enabled: bool = False

    @property
    def domain(self) -> str:
        """Return the domain, as it is shown."""
        return self.record.description.domain.upper()


@dataclass(frozen=True, slots=True)
class Declaration:
    """Everything that the files of one ``jitney apply`` say; ids and versions of purposes say nothing."""

    roles: tuple[str, ...] = ()
    user_stores: tuple[DeclaredUserStore, ...] = ()
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

    User stores by domain, purposes and identity providers by name, applications by id, users by ``DOMAIN/name`` as
    declared.
    ``accounts`` says how many users of a declared store are known here.
    """

    roles: frozenset[str]
    user_stores: Mapping[str, UserStoreRecord]
    accounts: Mapping[str, int]
    purposes: Mapping[str, Purpose]
    identity_providers: Mapping[str, IdentityProvider]
    applications: Mapping[str, Application]
    users: Mapping[tuple[str, str], PresentUser]


@dataclass(frozen=True, slots=True)
class AddRoleStep:
    """Define a role."""

    name: str


@dataclass(frozen=True, slots=True)
class AddUserStoreStep:
    """Add a user store, without trying it."""

    record: UserStoreRecord


@dataclass(frozen=True, slots=True)
class ChangeUserStoreStep:
    """Change a user store in these fields, from the version that ``present`` has."""

    record: UserStoreRecord
    present: UserStoreRecord
    fields: tuple[str, ...]


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

    ``reference`` is the id, or the name of somebody who was only seen in a user store.
    ``privileged`` says that the declaration itself calls the user an operator, so that a link is meant.
    """

    reference: str
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
    AddRoleStep | AddUserStoreStep | ChangeUserStoreStep | AddPurposeStep | ChangePurposeStep
    | AddIdentityProviderStep | ChangeIdentityProviderStep
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
        case AddUserStoreStep(record):
            return "+", "user store", record.description.domain, ()
        case ChangeUserStoreStep(record, _, fields):
            return "~", "user store", record.description.domain, tuple(dict.fromkeys(map(word_of, fields)))
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
