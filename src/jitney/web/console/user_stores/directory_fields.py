"""The fields of a connection to a directory, in the parts in which they are edited."""

from typing import Final

from jitney.model.user_store_record import PasswordStorage, TLSMode
from jitney.web.console.record_forms import Choice, Field, Kind

PLAIN_WARNING: Final = "Passwords travel unprotected. For development alone; elsewhere it is refused."

URL: Final = Field(
    "connection.url",
    "Address",
    sentence="ldaps://host:636, or ldap://host:389 with StartTLS. No base and no account stand in it.",
    placeholder="ldaps://ldap.example.com:636",
    required=True,
)
CERTIFICATES: Final = Field(
    "connection.ca_certificates",
    "Trusted authorities",
    Kind.LONG,
    "Certificates in PEM, in the place of those that the system trusts. Empty: the system's.",
)
CONNECT_SECONDS: Final = Field(
    "connection.connect_seconds", "Seconds to connect", sentence="0.1 to 30.", required=True
)
READ_SECONDS: Final = Field(
    "connection.read_seconds", "Seconds to answer", sentence="0.1 to 60.", required=True
)
POOL_SIZE: Final = Field(
    "connection.pool_size", "Connections of each process", Kind.NUMBER, "1 to 100.", required=True
)

CONNECTION: Final = (
    URL,
    Field(
        "connection.tls",
        "Protection",
        Kind.CHOICE,
        choices=(
            Choice(TLSMode.TLS.value, "TLS", "From the first byte: an address that begins with ldaps://."),
            Choice(TLSMode.START_TLS.value, "StartTLS", "An address that begins with ldap://."),
            Choice(TLSMode.NONE.value, "None", "An address that begins with ldap://.", PLAIN_WARNING),
        ),
    ),
    CERTIFICATES,
    Field(
        "connection.bind_dn",
        "Account of Jitney there",
        sentence="A DN; for Active Directory also name@domain. People are read and made as this account.",
        placeholder="cn=jitney,dc=example,dc=com",
        required=True,
    ),
    Field(
        "connection.bind_password",
        "Password of that account",
        Kind.SECRET,
        "It is never shown again. Left empty, the stored one stays, unless address, protection, authorities or "
        "account change: then it must be given again.",
    ),
    Field(
        "connection.user_base",
        "Where people stand",
        sentence="The DN below which people are looked for.",
        placeholder="ou=people,dc=example,dc=com",
        required=True,
    ),
    Field(
        "connection.user_filter",
        "Which entries are people",
        sentence="A filter (RFC 4515).",
        required=True,
    ),
    Field(
        "connection.name_filter",
        "Filter that finds one of them",
        sentence="? stands for the name. Empty: the filter above with the attribute of the name.",
    ),
    Field(
        "connection.dn_pattern",
        "Where new entries go",
        sentence="{0} stands for the name. Empty: right below the place where people stand.",
        placeholder="uid={0},ou=people,dc=example,dc=com",
    ),
    Field(
        "connection.object_classes",
        "Object classes of new entries",
        Kind.LINES,
        "One on a line.",
        required=True,
    ),
    Field(
        "connection.password_storage",
        "Who hashes a new password",
        Kind.CHOICE,
        choices=(
            Choice(PasswordStorage.STORE.value, "The directory", "It gets the password over the connection."),
            Choice(
                PasswordStorage.ARGON2.value,
                "Jitney, with argon2id",
                "Only where the directory verifies such hashes; else nobody signs in.",
            ),
        ),
    ),
    CONNECT_SECONDS,
    READ_SECONDS,
    Field("connection.page_size", "Entries asked for at once", Kind.NUMBER, "1 to 1000.", required=True),
    POOL_SIZE,
)

_SETTLED = "It cannot change while accounts of this store are known here."

ATTRIBUTES: Final = (
    Field("connection.name_attribute", "User name", sentence="Such as uid or sAMAccountName.", required=True),
    Field(
        "connection.id_attribute",
        "Id of an entry",
        sentence=f"It never changes and is never given again: entryUUID, objectGUID. {_SETTLED}",
        required=True,
    ),
    Field(
        "connection.stamp_attribute",
        "Stamp",
        sentence="Jitney marks the entries that it makes there; nobody else may write it, and the schema must "
        f"allow it. {_SETTLED}",
        required=True,
    ),
    Field(
        "connection.display_name_attribute",
        "Full name",
        sentence="By which people are shown.",
        required=True,
    ),
    Field(
        "connection.attributes",
        "Attributes of people",
        Kind.PAIRS,
        "One on a line: Jitney's name = the directory's, such as given_name = givenName.",
    ),
)

GROUPS: Final = (
    Field(
        "connection.groups.base",
        "Where groups stand",
        sentence="The DN below which they are looked for. Empty: there are no groups.",
        placeholder="ou=groups,dc=example,dc=com",
    ),
    Field(
        "connection.groups.may_be_read",
        "Read groups",
        Kind.SWITCH,
        "People have the groups of the directory, which policies may name.",
    ),
    Field(
        "connection.groups.may_be_written",
        "Write groups",
        Kind.SWITCH,
        "Provisioning puts people into groups, and takes them out of those that it put them into.",
    ),
    Field("connection.groups.filter", "Which entries are groups", sentence="A filter (RFC 4515)."),
    Field("connection.groups.object_class", "Object class of groups"),
    Field("connection.groups.name_attribute", "Name of a group", sentence="Such as cn."),
    Field(
        "connection.groups.members",
        "Members of a group",
        sentence="The attribute of a group that holds their DNs.",
    ),
    Field(
        "connection.groups.member_of",
        "Groups of a person",
        sentence="The attribute of a person that holds the DNs of the groups, such as memberOf. Empty: groups are "
        "searched by their members.",
    ),
)
