"""WSO2's names of a user store's keys, in each of their spellings, and what is said of those that nothing obeys.

``ConnectionURL``, ``connection_url`` and our own ``url`` are one key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jitney.cli.user_store_model import StoreType, WrittenUserStore
from jitney.settings.faults import SettingFault, nearest

WSO2_NAMES: Mapping[str, str] = {
    "DomainName": "domain",
    "Disabled": "enabled",
    "ReadOnly": "read_only",
    "Description": "note",
    "UsernameJavaRegEx": "username_pattern",
    "UsernameJavaRegExViolationErrorMsg": "username_message",
    "UsernameJavaScriptRegEx": "username_script_pattern",
    "PasswordJavaRegEx": "password_pattern",
    "PasswordJavaRegExViolationErrorMsg": "password_message",
    "PasswordJavaScriptRegEx": "password_script_pattern",
    "RolenameJavaRegEx": "role_pattern",
    "RolenameJavaRegExViolationErrorMsg": "role_message",
    "RolenameJavaScriptRegEx": "role_script_pattern",
    "CaseInsensitiveUsername": "case_insensitive_usernames",
    "MultiAttributeSeparator": "multi_value_separator",
    "MaxUserNameListLength": "most_users_listed",
    "MaxRoleNameListLength": "most_roles_listed",
    "ConnectionURL": "url",
    "ConnectionName": "bind_dn",
    "ConnectionPassword": "bind_password",
    "StartTLSEnabled": "tls",
    "LDAPConnectionTimeout": "connect_seconds",
    "ReadTimeout": "read_seconds",
    "maxActive": "pool_size",
    "UserSearchBase": "user_base",
    "base_dn": "user_base",
    "UserEntryObjectClass": "object_classes",
    "UserNameAttribute": "name_attribute",
    "UserIDAttribute": "id_attribute",
    "UserNameListFilter": "user_filter",
    "UserNameSearchFilter": "name_filter",
    "UserDNPattern": "dn_pattern",
    "DisplayNameAttribute": "display_name_attribute",
    "PasswordHashMethod": "password_storage",
    "ReadGroups": "read_groups",
    "WriteGroups": "write_groups",
    "GroupSearchBase": "group_base",
    "GroupEntryObjectClass": "group_object_class",
    "GroupNameAttribute": "group_name_attribute",
    "GroupNameListFilter": "group_filter",
    "MembershipAttribute": "member_attribute",
    "MemberOfAttribute": "member_of_attribute",
    "class": "type",
}
"""WSO2's name of a property, and ours."""

NOT_HERE: Mapping[str, str] = {
    "BackLinksEnabled": "name the attribute in member_of_attribute where the directory keeps one",
    "CaseInsensitiveAttributes": "values compare without case wherever people are looked up by them",
    "ConnectionPoolingEnabled": "connections are always kept; pool_size says how many",
    "GroupNameSearchFilter": "it follows from group_filter and group_name_attribute",
    "IsBulkImportSupported": "people are declared in a file for jitney apply",
    "MembershipAttributeRange": "members are always read range by range where the directory cuts them",
    "PasswordDigest": "passwords are hashed as password_storage says, and in a database with argon2",
    "Referral": "no referral is ever followed: it would hand passwords to whoever is named in it",
    "RetryAttempts": "what fails is told at once; the times of a store bound it",
    "RoleDNPattern": "groups are joined here, and made in the directory",
    "StoreSaltedPassword": "every hash of a password has a salt",
    "UseCaseSensitiveUsernameForCacheKeys": "no user names are kept in a cache",
    "UserRolesCacheEnabled": "no roles are kept in a cache",
    "driverName": "the address says which database it is",
    "kdcEnabled": "there is no Kerberos here",
    "maxIdle": "pool_size says how many connections are kept",
    "maxWait": "connect_seconds says how long is waited",
    "minIdle": "pool_size says how many connections are kept",
}
"""Properties that nothing here obeys, and what holds in their place."""

OUR_KEYS = frozenset(WrittenUserStore.model_fields)

_TYPES: Mapping[str, StoreType] = {
    "database": StoreType.SQL,
    "jdbc": StoreType.SQL,
    "readwriteldap": StoreType.LDAP,
    "readonlyldap": StoreType.LDAP,
    "activedirectory": StoreType.ACTIVE_DIRECTORY,
}


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


_BY_FOLDED = {_folded(name): name for name in (*WSO2_NAMES, *NOT_HERE)}


@dataclass(slots=True)
class Renaming:
    """One table of a document under our names; what cannot be understood is noted in ``faults``."""

    place: str
    table: dict[str, object] = field(default_factory=dict[str, object])
    faults: list[SettingFault] = field(default_factory=list[SettingFault])

    def take(self, name: str, value: object) -> None:
        """Take a key in, under whichever of its names it stands."""
        known = name if name in OUR_KEYS else _BY_FOLDED.get(_folded(name))
        if known is None:
            self._unknown(name)
        elif known in NOT_HERE:
            sentence = f"Jitney has no such setting: {NOT_HERE[known]}. Leave it out."
            self.faults.append(SettingFault(f"{self.place}.{name}", sentence))
        elif known in OUR_KEYS:
            self._put(name, known, _type(value, self.table) if known == "type" else value)
        elif value != "":
            # WSO2 writes every property that a store could have; an empty one is not set.
            self._put(name, WSO2_NAMES[known], self._translated(known, value))

    def _put(self, name: str, key: str, value: object) -> None:
        if key in self.table:
            sentence = f"This is the same key as {key}, which stands there too."
            self.faults.append(SettingFault(f"{self.place}.{name}", sentence))
        elif value is not None:
            self.table[key] = value

    def _translated(self, known: str, value: object) -> object:
        translate = _TRANSLATIONS.get(known)
        return _type(value, self.table) if known == "class" else translate(value) if translate else value

    def _unknown(self, name: str) -> None:
        guess = nearest(name, sorted((*OUR_KEYS, *WSO2_NAMES)))
        hint = f" Did you mean {self.place}.{guess}?" if guess else ""
        allowed = "" if guess else ", ".join(sorted(OUR_KEYS))
        self.faults.append(
            SettingFault(f"{self.place}.{name}", f"This key is not known.{hint}", allowed=allowed)
        )


def with_our_names(table: Mapping[str, object], place: str) -> Renaming:
    """Return a table of a user store with every key under our name."""
    renaming = Renaming(place)
    for name, value in table.items():
        renaming.take(name, value)
    return renaming


def _type(value: object, table: dict[str, object]) -> object:
    """Understand WSO2's types and classes: ``read_only_ldap_unique_id`` is a directory that is only read."""
    if not isinstance(value, str) or value in set(StoreType):
        return value
    word = _folded(value.rpartition(".")[2]).replace("uniqueid", "").removesuffix("userstoremanager")
    if word == "readonlyldap":
        table.setdefault("read_only", True)
    return _TYPES.get(word, value)


def _switch(value: object) -> bool | None:
    text = str(value).lower() if isinstance(value, str | bool) else ""
    return {"true": True, "false": False}.get(text)


def _negated(value: object) -> object:
    switch = _switch(value)
    return value if switch is None else not switch


def _start_tls(value: object) -> object:
    """Return StartTLS where it is switched on; off says nothing, since the address decides then."""
    switch = _switch(value)
    return value if switch is None else "starttls" if switch else None


def _seconds(value: object) -> object:
    """Return milliseconds as seconds; what is no number is left to be refused."""
    try:
        return int(value) / 1000 if isinstance(value, str | int) and not isinstance(value, bool) else value
    except ValueError:
        return value


def _password_storage(value: object) -> object:
    return {"PLAIN_TEXT": "store"}.get(value.upper(), value) if isinstance(value, str) else value


_TRANSLATIONS: Mapping[str, Callable[[object], object]] = {
    "Disabled": _negated,
    "LDAPConnectionTimeout": _seconds,
    "ReadTimeout": _seconds,
    "StartTLSEnabled": _start_tls,
    "PasswordHashMethod": _password_storage,
}
"""What a value of WSO2's means here, where the keys do not count the same things."""
