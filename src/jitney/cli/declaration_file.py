"""Read the files of ``jitney apply`` into one declaration, with every fault of all of them at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from jitney.administration.declared.declarations import (
    Declaration,
    DeclaredApplication,
    DeclaredIdentityProvider,
)
from jitney.administration.people.user_drafts import FederatedKey, NewUser
from jitney.cli.declaration_models import (
    DeclarationFile,
    WrittenApplication,
    WrittenPurpose,
    WrittenUser,
)
from jitney.cli.identity_provider_reading import IdentityProviderReader
from jitney.cli.named_files import NamedFiles, in_file
from jitney.cli.sign_in_reading import sign_in_policy
from jitney.cli.user_store_reading import UserStoreReader
from jitney.errors import InvalidInput
from jitney.model.application import Application
from jitney.model.consent import Purpose, PurposeAttribute
from jitney.settings.faults import SettingFault, faults_of
from jitney.settings.resolved import ProvisioningSettings
from jitney.settings.written import Written, read_toml


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns what is written into nouns; what it cannot read it notes in ``faults``."""

    environment: Mapping[str, str]
    defaults: ProvisioningSettings
    faults: list[SettingFault] = field(default_factory=list[SettingFault])

    @property
    def files(self) -> NamedFiles:
        """Return what reads the files that a declaration names."""
        return NamedFiles(self.environment, self.faults)

    @property
    def stores(self) -> UserStoreReader:
        """Return what reads user stores."""
        return UserStoreReader(self.files)

    @property
    def providers(self) -> IdentityProviderReader:
        """Return what reads identity providers."""
        return IdentityProviderReader(self.files, self.defaults)

    def read_files(self, files: Sequence[Path]) -> Declaration:
        """Return what the files say together; raises ``InvalidInput`` (``declaration_refused``)."""
        whole = Declaration()
        for file in files:
            whole = _joined(whole, self._read(read_toml(file, self.environment), file))
        self.raise_faults()
        return whole

    def read_tree(self, tree: Mapping[str, object], folder: Path) -> Declaration:
        """Return what a command's options say; raises ``InvalidInput`` (``declaration_refused``)."""
        declaration = self._read(Written(tree), folder / "the command line")
        self.raise_faults()
        return declaration

    def raise_faults(self) -> None:
        """Raise what was noted, all at once."""
        if self.faults:
            raise InvalidInput("declaration_refused", "The declaration is wrong.", faults=tuple(self.faults))

    def _read(self, written: Written, file: Path) -> Declaration:
        self.faults.extend(in_file(fault, file) for fault in written.faults)
        tree = self.providers.filled(self.stores.renamed(written.tree, file), file)
        try:
            checked = DeclarationFile.model_validate(tree)
        except ValidationError as error:
            self.faults.extend(in_file(fault, file) for fault in faults_of(error, DeclarationFile))
            return Declaration()
        return Declaration(
            roles=tuple(role.name for role in checked.role),
            user_stores=tuple(self.stores.declared(one, file) for one in checked.user_store),
            purposes=tuple(_purpose(one) for one in checked.purpose),
            identity_providers=tuple(self._identity_providers(checked, file)),
            applications=tuple(self._application(one, file) for one in checked.application),
            users=tuple(self._user(one, file) for one in checked.user),
        )

    def _identity_providers(self, checked: DeclarationFile, file: Path) -> Iterator[DeclaredIdentityProvider]:
        for at, written in enumerate(checked.identity_provider, start=1):
            declared = self.providers.declared(written, at, file)
            if declared is not None:
                yield declared

    def _application(self, written: WrittenApplication, file: Path) -> DeclaredApplication:
        where = f"application {written.id}"
        stated = written.model_dump(
            exclude={
                "client_secret",
                "client_secret_file",
                "client_secret_env",
                "jwks_file",
                "enabled",
                "name",
                "rule",
            }
        )
        lists = {name: tuple(value) for name, value in stated.items() if isinstance(value, list)}
        jwks = self.files.text(written.jwks_file, file, f"{where}: jwks_file") if written.jwks_file else None
        application = Application(
            **{**stated, **lists},
            name=written.name or written.id,
            jwks=jwks,
            enabled=written.enabled is not False,
            sign_in_policy=sign_in_policy(written.rule),
        )
        secret = self.files.secret(written, "client_secret", file, where)
        return DeclaredApplication(application, secret, states_enabled=written.enabled is not None)

    def _user(self, written: WrittenUser, file: Path) -> NewUser:
        locked = "Locked when it was declared." if written.locked is True else written.locked or None
        return NewUser(
            name=written.name,
            domain=written.domain.upper(),
            attributes={name: tuple(values) for name, values in written.attributes.items()},
            roles=tuple(written.roles),
            password=self.files.secret(written, "password", file, f"user {written.name}"),
            locked=locked,
            links=tuple(FederatedKey(link.identity_provider, link.subject) for link in written.link),
        )


def _purpose(written: WrittenPurpose) -> Purpose:
    attributes = tuple(PurposeAttribute(row.name, row.mandatory) for row in written.attribute)
    return Purpose("", written.name, written.description, attributes)


def _joined(one: Declaration, other: Declaration) -> Declaration:
    return Declaration(
        roles=one.roles + other.roles,
        user_stores=one.user_stores + other.user_stores,
        purposes=one.purposes + other.purposes,
        identity_providers=one.identity_providers + other.identity_providers,
        applications=one.applications + other.applications,
        users=one.users + other.users,
    )
