"""Read identity providers from declarations and from the options of a command, with every fault at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from jitney.administration.declared.declarations import DeclaredIdentityProvider
from jitney.cli.identity_provider_file import (
    ReadProviderFiles,
    clashing_keys,
    connection_of,
    keys_of,
    missing_keys,
)
from jitney.cli.identity_provider_model import ProviderType, WrittenIdentityProvider
from jitney.cli.named_files import NamedFiles, in_file
from jitney.cli.provisioning_model import Provisioning
from jitney.cli.saml_files import split_certificates
from jitney.cli.sign_in_reading import enhanced_feature, second_factor_rule
from jitney.errors import InvalidInput, NotFound
from jitney.model.claims import ClaimMapping, MappingTable, RoleMapping
from jitney.model.home_realm import HomeRealm
from jitney.model.identity_provider import IdentityProvider
from jitney.model.policy import (
    AccountLookup,
    AsInUsername,
    FixedPlacement,
    LinkRule,
    OnProvisioningFailure,
    ProvisioningPolicy,
)
from jitney.settings.faults import SettingFault
from jitney.settings.resolved import ProvisioningSettings
from jitney.upstream.presets.loading import load_preset

AS_IN_USERNAME = "as_in_username"


@dataclass(frozen=True, slots=True)
class IdentityProviderReader:
    """Turns what is written of identity providers into nouns; what it cannot read it notes in ``files.faults``."""

    files: NamedFiles
    defaults: ProvisioningSettings

    def filled(self, tree: Mapping[str, object], file: Path) -> dict[str, object]:
        """Return a document with what presets know put into its identity providers."""
        tables = tree.get("identity_provider")
        if not isinstance(tables, list):
            return dict(tree)
        listed = enumerate(cast("list[object]", tables), start=1)
        return {**tree, "identity_provider": [self._filled(table, at, file) for at, table in listed]}

    def declared(
        self, written: WrittenIdentityProvider, at: int, file: Path
    ) -> DeclaredIdentityProvider | None:
        """Return the provider that is declared, ``None`` where it lacks what its type needs.

        ``at`` is its place among the providers of the file, counted from 1.
        """
        if not self._is_whole(written, at, file):
            return None
        where = f"identity_provider {written.name}"
        name = written.metadata_file
        document = self.files.octets(name, file, f"{where}: metadata_file") if name else None
        idp = IdentityProvider(
            id="",
            name=written.name,
            display_name=written.display_name or written.name,
            connection=connection_of(written, self._read(written, file, where)),
            enabled=written.enabled is not False,
            mappings=self._mappings(written),
            policy=self._policy(written.provisioning),
            home_realm=HomeRealm(
                tuple(written.domains), written.home_realm_identifier or None, written.is_shown
            ),
            second_factor=second_factor_rule(written.second_factor),
            enhanced=enhanced_feature(written.enhanced),
        )
        return DeclaredIdentityProvider(idp, written.enabled is not None, document)

    def _filled(self, table: object, at: int, file: Path) -> object:
        if not isinstance(table, dict) or "preset" not in table:
            return cast("object", table)
        written = cast("dict[str, object]", table)
        place, name = f"identity_provider[{at}]", written["preset"]
        try:
            if not isinstance(name, str):
                return written
            return load_preset(name).fill(written)
        except NotFound as fault:
            self._note(file, f"{place}.preset", fault.sentence)
        except InvalidInput as fault:
            for field, sentence in fault.fields.items():
                self._note(file, f"{place}.{field}", sentence)
        # With what makes it whole no second fault is told of the same mistake; nothing of it is used.
        return {**{key: written[key] for key in ("name",) if key in written}, "issuer": "-", "client_id": "-"}

    def _is_whole(self, written: WrittenIdentityProvider, at: int, file: Path) -> bool:
        """Note what the type of the provider needs, does not know, or is told twice."""
        where, kind = f"identity_provider {written.name}", written.type.value
        missing = missing_keys(written)
        by_metadata = written.type is ProviderType.SAML
        for key in missing:
            text = "This key is required" + (", or metadata_url, or metadata_file." if by_metadata else ".")
            self._note(file, f"identity_provider[{at}].{key}", text)
        has_key = any(getattr(written, f"private_key{end}") for end in ("", "_file", "_env"))
        if by_metadata and bool(written.certificate_file) != has_key:
            self._note(
                file, f"{where}: certificate_file", "A key pair of our own needs it and private_key_file."
            )
        for key in sorted(written.model_fields_set - keys_of(written.type)):
            self._note(file, f"{where}: {key}", f"A provider of the type {kind} has no such key.")
        if clashing := clashing_keys(written):
            told = ", ".join(clashing[1:])
            self._note(file, f"{where}: {clashing[0]}", f"Either this says where the provider is, or {told}.")
        return not missing

    def _read(self, written: WrittenIdentityProvider, file: Path, where: str) -> ReadProviderFiles:
        own = written.certificate_file
        return ReadProviderFiles(
            client_secret=self.files.secret(written, "client_secret", file, where),
            private_key=self.files.secret(written, "private_key", file, where),
            certificate=self.files.text(own, file, f"{where}: certificate_file") if own else None,
            signing_certificates=self._certificates(written, "signing_certificate_files", file),
            metadata_certificates=self._certificates(written, "metadata_certificate_files", file),
        )

    def _certificates(self, written: WrittenIdentityProvider, key: str, file: Path) -> tuple[str, ...]:
        where = f"identity_provider {written.name}: {key}"
        found: list[str] = []
        for name in getattr(written, key) or ():
            text = self.files.text(name, file, where)
            certificates = split_certificates(text) if text else ()
            if text and not certificates:
                self._note(file, where, "This file holds no certificate in PEM.", found=name)
            found.extend(certificates)
        return tuple(found)

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

    def _note(self, file: Path, path: str, sentence: str, *, found: str = "") -> None:
        self.files.faults.append(in_file(SettingFault(path, sentence, found=found), file))
