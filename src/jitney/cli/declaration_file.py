"""Read the files of ``jitney apply`` into one declaration, with every fault of all of them at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from jitney.administration.declarations import Declaration, DeclaredApplication, DeclaredIdentityProvider
from jitney.administration.user_drafts import FederatedKey, NewUser
from jitney.cli.declaration_models import (
    DeclarationFile,
    Provisioning,
    WrittenApplication,
    WrittenIdentityProvider,
    WrittenPurpose,
    WrittenUser,
)
from jitney.cli.named_files import NamedFiles, in_file
from jitney.cli.user_store_reading import UserStoreReader
from jitney.errors import InvalidInput
from jitney.model.application import Application
from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.model.consent import Purpose, PurposeAttribute
from jitney.model.identity_provider import IdentityProvider, OIDCConnection
from jitney.model.policy import (
    AccountLookup,
    AsInUsername,
    FixedPlacement,
    LinkRule,
    OnProvisioningFailure,
    ProvisioningPolicy,
)
from jitney.settings.faults import SettingFault, faults_of
from jitney.settings.resolved import ProvisioningSettings
from jitney.settings.written import Written, read_toml

AS_IN_USERNAME = "as_in_username"


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
        tree = self.stores.renamed(written.tree, file)
        try:
            checked = DeclarationFile.model_validate(tree)
        except ValidationError as error:
            self.faults.extend(in_file(fault, file) for fault in faults_of(error, DeclarationFile))
            return Declaration()
        return Declaration(
            roles=tuple(role.name for role in checked.role),
            user_stores=tuple(self.stores.declared(one, file) for one in checked.user_store),
            purposes=tuple(_purpose(one) for one in checked.purpose),
            identity_providers=tuple(self._identity_provider(one, file) for one in checked.identity_provider),
            applications=tuple(self._application(one, file) for one in checked.application),
            users=tuple(self._user(one, file) for one in checked.user),
        )

    def _identity_provider(self, written: WrittenIdentityProvider, file: Path) -> DeclaredIdentityProvider:
        where = f"identity_provider {written.name}"
        secret = self.files.secret(written, "client_secret", file, where)
        key = self.files.secret(written, "private_key", file, where)
        idp = IdentityProvider(
            id="",
            name=written.name,
            display_name=written.display_name or written.name,
            connection=OIDCConnection(
                issuer=written.issuer,
                client_id=written.client_id,
                client_secret=secret,
                private_key=key,
                private_key_id=written.private_key_id,
                token_endpoint_auth=written.token_endpoint_auth,
                scopes=tuple(written.scopes),
                algorithms=tuple(written.algorithms),
                approved_origins=tuple(written.approved_origins),
                trusted_audiences=tuple(written.trusted_audiences),
                clock_skew=written.clock_skew,
                use_userinfo=written.use_userinfo,
                verified_flags_from_userinfo=written.verified_flags_from_userinfo,
                pass_through=tuple(written.pass_through),
                extra_parameters=dict(written.extra_parameters),
            ),
            enabled=written.enabled is not False,
            mappings=self._mappings(written),
            policy=self._policy(written.provisioning),
        )
        return DeclaredIdentityProvider(idp, states_enabled=written.enabled is not None)

    def _mappings(self, written: WrittenIdentityProvider) -> MappingTable:
        separator = written.role_separator
        return MappingTable(
            claims=tuple(ClaimMapping(row.remote, row.local, row.default) for row in written.claim),
            user_id_claim=written.user_id_claim,
            role_claim=written.role_claim,
            role_separator=self.defaults.role_separator if separator is None else separator,
            roles=tuple(RoleMapping(row.remote, row.local) for row in written.role),
        )

    def _policy(self, written: Provisioning) -> ProvisioningPolicy:
        as_in_username = written.placement.lower().replace(" ", "_") == AS_IN_USERNAME
        refuses = self.defaults.refuse_on_failure
        usual = OnProvisioningFailure.REFUSE if refuses else OnProvisioningFailure.CONTINUE
        linking = written.linking
        return ProvisioningPolicy(
            enabled=written.enabled,
            placement=AsInUsername() if as_in_username else FixedPlacement(written.placement.upper()),
            prompt_mode=written.prompt_mode,
            attribute_sync=written.attribute_sync,
            role_sync=written.role_sync,
            linking=LinkRule(
                enabled=linking.enabled,
                lookups=tuple(AccountLookup(row.federated, row.local) for row in linking.lookups),
                skip_provisioning_if_nobody_matches=linking.skip_provisioning_if_nobody_matches,
                trusted_email_domains=tuple(linking.trusted_email_domains),
                on_unproven_match=linking.on_unproven_match,
            ),
            on_provisioning_failure=written.on_provisioning_failure or usual,
            on_unknown_domain=written.on_unknown_domain,
            on_name_taken=written.on_name_taken,
            default_roles=tuple(written.default_roles),
            username_template=written.username_template,
            anchor_claim=written.anchor_claim or None,
        )

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
            }
        )
        lists = {name: tuple(value) for name, value in stated.items() if isinstance(value, list)}
        jwks = self.files.text(written.jwks_file, file, f"{where}: jwks_file") if written.jwks_file else None
        application = Application(
            **{**stated, **lists},
            name=written.name or written.id,
            jwks=jwks,
            enabled=written.enabled is not False,
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
