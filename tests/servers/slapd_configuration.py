"""The settings and the first entries of a test's slapd, as ``slapd.conf`` and LDIF."""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.certificates import Certificate

SCHEMAS = Path("/etc/ldap/schema")
MODULES = "/usr/lib/ldap"
BULK_PASSWORD = "correct horse"
_OVERLAYS = ("memberof", "refint", "ppolicy", "sssvlv", "unique")


@dataclass(frozen=True, kw_only=True)
class SlapdOptions:
    """How a directory differs from the plain one.

    ``suffixes`` are databases with the same layout; the service account lives in the first.
    ``people`` are loaded by ``slapadd`` before the first start, as ``uid=person-000000`` and so on.
    ``person_class`` is theirs: ``inetOrgPerson``, or ``user`` of Active Directory's schema.
    ``group_class`` is that of the groups whose members get a ``memberOf``.
    ``unique`` are attributes of which no two people below one suffix may share a value.
    ``size_limit`` is what one unpaged search may list; paging is not limited by it.
    ``referral_to`` is ``ldap://HOST:PORT``, whither it refers for ``ou=elsewhere`` and for other suffixes.
    ``max_bytes`` is the size of the database: a small one is soon full.
    ``substrings`` also indexes parts of names and addresses, for which Jitney never asks.
    ``quick`` leaves out the syncing of writes; such a directory proves nothing about crashes.
    """

    suffixes: tuple[str, ...] = ("dc=corp,dc=example",)
    people: int = 0
    read_only: bool = False
    unique: tuple[str, ...] = ()
    size_limit: int | None = None
    referral_to: str = ""
    max_bytes: int = 4 << 30
    substrings: bool = True
    quick: bool = False
    person_class: str = "inetOrgPerson"
    group_class: str = "groupOfNames"
    extra_indexes: tuple[str, ...] = ()
    extra_schema: str = ""
    extra_global: str = ""
    extra_database: str = ""
    schemas: tuple[str, ...] = ("core", "cosine", "inetorgperson")
    log_level: str = "none"


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Who may do what: the administrator everything, the service account all below the suffixes."""

    admin_dn: str
    admin_password: str = field(repr=False)
    service_dn: str
    service_password: str = field(repr=False)


def configuration(
    options: SlapdOptions, accounts: Accounts, folder: Path, ca_file: Path, certificate: Certificate
) -> str:
    """The text of ``slapd.conf``."""
    schemas = [f"include {SCHEMAS / name}.schema" for name in options.schemas]
    if options.extra_schema:
        (folder / "extra.schema").write_text(options.extra_schema)
        schemas.append(f"include {folder / 'extra.schema'}")
    lines = [
        *schemas,
        f"modulepath {MODULES}",
        *(f"moduleload {name}" for name in ("back_mdb", *_OVERLAYS)),
        f"pidfile {folder / 'pid'}",
        f"TLSCACertificateFile {ca_file}",
        f"TLSCertificateFile {certificate.certificate}",
        f"TLSCertificateKeyFile {certificate.key}",
        "threads 8",
        *([f"referral {options.referral_to}"] if options.referral_to else []),
        options.extra_global,
        'access to dn.base="" by * read',
        'access to dn.base="cn=subschema" by * read',
    ]
    for number, suffix in enumerate(options.suffixes):
        lines += _database(options, accounts, suffix, folder / f"data-{number}")
    return "\n".join(lines) + "\n"


def _database(options: SlapdOptions, accounts: Accounts, suffix: str, data: Path) -> list[str]:
    data.mkdir(exist_ok=True)
    size = "unlimited" if options.size_limit is None else str(options.size_limit)
    kinds = "eq,sub" if options.substrings else "eq"
    unique = [f"unique_uri ldap:///ou=people,{suffix}?{name}?sub" for name in options.unique]
    return [
        "database mdb",
        f'suffix "{suffix}"',
        f'rootdn "{accounts.admin_dn}"',
        *([f"rootpw {accounts.admin_password}"] if accounts.admin_dn.endswith(suffix) else []),
        f"directory {data}",
        f"maxsize {options.max_bytes}",
        *(["envflags nosync"] if options.quick else []),
        *(
            f"index {name} eq"
            for name in ("objectClass", "member", "memberOf", "entryUUID", "employeeNumber")
        ),
        *(f"index {name} {kinds}" for name in ("uid", "cn", "sn", "mail")),
        *(f"index {name} eq" for name in options.extra_indexes),
        f'limits dn.exact="{accounts.service_dn}" size={size} size.prtotal=unlimited time=unlimited',
        *([f"sizelimit {size}"] if options.size_limit is not None else []),
        "access to attrs=userPassword",
        f'  by dn.exact="{accounts.service_dn}" write by anonymous auth by * none',
        "access to *",
        f'  by dn.exact="{accounts.service_dn}" write by anonymous auth by self read by * none',
        *(["readonly on"] if options.read_only else []),
        "overlay memberof",
        f"memberof-group-oc {options.group_class}",
        "overlay refint",
        "refint_attributes member",
        # Such a group must have a member: the last one to be removed leaves this one behind.
        *([f'refint_nothing "cn=nobody,{suffix}"'] if options.group_class == "groupOfNames" else []),
        "overlay ppolicy",
        f'ppolicy_default "cn=default,ou=policies,{suffix}"',
        "ppolicy_hash_cleartext",
        *(["overlay unique", *unique] if unique else []),
        "overlay sssvlv",
        "sssvlv-max 64",
        options.extra_database,
    ]


def first_entries(options: SlapdOptions, accounts: Accounts, suffix: str) -> Iterator[str]:
    """The LDIF of one database before its first start."""
    name = suffix.partition(",")[0].partition("=")[2]
    yield f"dn: {suffix}\nobjectClass: dcObject\nobjectClass: organization\no: {name}\ndc: {name}\n\n"
    for unit in ("people", "groups", "services", "policies"):
        yield f"dn: ou={unit},{suffix}\nobjectClass: organizationalUnit\nou: {unit}\n\n"
    yield (
        f"dn: cn=default,ou=policies,{suffix}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: default\n"
        "pwdAttribute: userPassword\npwdLockout: TRUE\npwdMaxFailure: 0\n\n"
    )
    if options.referral_to:
        yield (
            f"dn: ou=elsewhere,{suffix}\nobjectClass: referral\nobjectClass: extensibleObject\n"
            f"ou: elsewhere\nref: {options.referral_to}/ou=elsewhere,{suffix}\n\n"
        )
    if accounts.service_dn.endswith(suffix):
        yield (
            f"dn: {accounts.service_dn}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n"
            f"cn: jitney\nuserPassword: {hashed(accounts.service_password)}\n\n"
        )
        password = hashed(BULK_PASSWORD)
        make = user if options.person_class == "user" else person
        for number in range(options.people):
            yield make(number, suffix, password)


def person(number: int, suffix: str, password: str) -> str:
    """One of many people, who all have the password ``BULK_PASSWORD``."""
    name = f"person-{number:06}"
    return (
        f"dn: uid={name},ou=people,{suffix}\nobjectClass: inetOrgPerson\nuid: {name}\n"
        + _particulars(number, name)
        + f"cn: Person {number}\nuserPassword: {password}\n\n"
    )


def user(number: int, suffix: str, password: str) -> str:
    """The same person with Active Directory's names."""
    name = f"person-{number:06}"
    guid = base64.b64encode(hashlib.md5(name.encode()).digest()).decode()
    return (
        f"dn: cn={name},ou=people,{suffix}\nobjectClass: user\nsAMAccountName: {name}\ncn: {name}\n"
        + _particulars(number, name)
        + f"objectGUID:: {guid}\nuserAccountControl: 512\nuserPassword: {password}\n\n"
    )


def _particulars(number: int, name: str) -> str:
    return f"sn: {number:06}\ngivenName: Person\nmail: {name}@corp.example\n"


def hashed(password: str) -> str:
    """A salted SHA-1, which every slapd knows without a module."""
    salt = b"saltsalt"
    digest = hashlib.sha1(password.encode() + salt).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()
