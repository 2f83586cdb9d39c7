"""Read user stores from declarations and from the options of a command, with every fault at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from jitney.administration.declared.declarations import DeclaredUserStore
from jitney.cli.named_files import NamedFiles, in_file
from jitney.cli.user_store_file import ReadFiles, keys_of_others, new_record, type_of, with_keys
from jitney.cli.user_store_model import StoreKeys, WrittenUserStore
from jitney.cli.user_store_names import with_our_names
from jitney.model.user_store_record import UserStoreRecord
from jitney.settings.faults import SettingFault, faults_of


@dataclass(frozen=True, slots=True)
class UserStoreReader:
    """Turns what is written of user stores into records; what it cannot read it notes in ``files.faults``."""

    files: NamedFiles

    def renamed(self, tree: Mapping[str, object], file: Path) -> dict[str, object]:
        """Return a document with the keys of its user stores under our names."""
        stores, renamed = tree.get("user_store"), list[object]()
        if not isinstance(stores, list):
            return dict(tree)
        for at, table in enumerate(cast("list[object]", stores), start=1):
            is_table = isinstance(table, dict)
            renamed.append(self._table(cast("dict[str, object]", table), at, file) if is_table else table)
        return {**tree, "user_store": renamed}

    def declared(self, written: WrittenUserStore, file: Path) -> DeclaredUserStore:
        """Return the store that is declared: what it does not state is as the defaults of its type say."""
        base = new_record(written.type, written.domain.upper(), frozenset(written.model_fields_set))
        return DeclaredUserStore(self._with_keys(base, written, file), written.enabled is not None)

    def edited(self, base: UserStoreRecord, tree: Mapping[str, object], file: Path) -> UserStoreRecord:
        """Return a store with what is stated of it; what is not stated stays as it is."""
        place = f"user_store {base.description.domain}"
        renaming = with_our_names(tree, place)
        self._note(renaming.faults, file)
        for key in ("domain", "type"):
            if renaming.table.pop(key, None) is not None:
                sentence = f"The {key} of a store is given when it is added, and never changes."
                self._note([SettingFault(f"{place}.{key}", sentence)], file)
        try:
            keys = StoreKeys.model_validate(renaming.table)
        except ValidationError as error:
            faults = faults_of(error, StoreKeys)
            self._note([replace(fault, path=f"{place}.{fault.path}") for fault in faults], file)
            return base
        return self._with_keys(base, keys, file)

    def _table(self, table: dict[str, object], at: int, file: Path) -> dict[str, object]:
        renaming = with_our_names(table, f"user_store[{at}]")
        self._note(renaming.faults, file)
        return renaming.table

    def _with_keys(self, base: UserStoreRecord, keys: StoreKeys, file: Path) -> UserStoreRecord:
        where, kind = f"user_store {base.description.domain}", type_of(base.connection).value
        for key in keys_of_others(keys, base):
            sentence = f"A store of the type {kind} has no such key."
            self._note([SettingFault(f"{where}: {key}", sentence)], file)
        secrets = [self.files.secret(keys, name, file, where) for name in ("bind_password", "password")]
        name = keys.ca_certificates_file
        trusted = self.files.text(name, file, f"{where}: ca_certificates_file") if name else None
        return with_keys(base, keys, ReadFiles(secrets[0] or secrets[1], trusted))

    def _note(self, faults: Sequence[SettingFault], file: Path) -> None:
        self.files.faults.extend(in_file(fault, file) for fault in faults)
