"""A slapd that has Active Directory's names: for reading, listing and faults, where its rules do not matter.

It makes no ``objectGUID``, takes no ``unicodePwd`` as a password, locks nobody by ``userAccountControl``,
wants an ``sn`` of each person, and lets two share a ``sAMAccountName`` unless ``unique`` says otherwise.
What depends on these is proved on Samba.
"""

from tests.servers.slapd_configuration import SlapdOptions

_OID = "1.2.840.113556.1"
_TEXT = "EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15"
_NUMBER = "EQUALITY integerMatch ORDERING integerOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27"
_OCTETS = "EQUALITY octetStringMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.40"
_TIME = (
    "EQUALITY generalizedTimeMatch ORDERING generalizedTimeOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24"
)
_ATTRIBUTES = {
    "sAMAccountName": (f"{_OID}.4.221", _TEXT),
    "userPrincipalName": (f"{_OID}.4.656", _TEXT),
    "objectGUID": (f"{_OID}.4.2", _OCTETS),
    "objectSid": (f"{_OID}.4.146", _OCTETS),
    "unicodePwd": (f"{_OID}.4.90", _OCTETS),
    "userAccountControl": (f"{_OID}.4.8", _NUMBER),
    "accountExpires": (f"{_OID}.4.159", _NUMBER),
    "lockoutTime": (f"{_OID}.4.662", _NUMBER),
    "pwdLastSet": (f"{_OID}.4.96", _NUMBER),
    "primaryGroupID": (f"{_OID}.4.98", _NUMBER),
    "groupType": (f"{_OID}.4.750", _NUMBER),
    "whenCreated": (f"{_OID}.2.2", _TIME),
    "whenChanged": (f"{_OID}.2.3", _TIME),
}


def _schema() -> str:
    lines = [
        f"attributetype ( {oid} NAME '{name}' {syntax} SINGLE-VALUE )"
        for name, (oid, syntax) in _ATTRIBUTES.items()
    ]
    of_both = "sAMAccountName $ objectGUID $ objectSid $ whenCreated $ whenChanged"
    of_users = (
        "userPrincipalName $ unicodePwd $ userAccountControl $ accountExpires $ lockoutTime $ pwdLastSet"
    )
    lines.append(
        f"objectclass ( {_OID}.5.9 NAME 'user' SUP inetOrgPerson STRUCTURAL"
        f" MAY ( {of_both} $ {of_users} $ primaryGroupID $ co $ info ) )"
    )
    lines.append(
        f"objectclass ( {_OID}.5.8 NAME 'group' SUP top STRUCTURAL"
        f" MUST cn MAY ( {of_both} $ groupType $ member $ description $ mail ) )"
    )
    return "\n".join(lines) + "\n"


def like_active_directory(*, people: int = 0, suffix: str = "dc=corp,dc=example") -> SlapdOptions:
    """Options for a directory with the classes ``user`` and ``group``; change more by ``dataclasses.replace``.

    ``people`` get a ``sAMAccountName``, an ``objectGUID`` and a ``userAccountControl`` of 512.
    """
    return SlapdOptions(
        suffixes=(suffix,),
        people=people,
        person_class="user",
        group_class="group",
        unique=("sAMAccountName",),
        extra_schema=_schema(),
        extra_indexes=("sAMAccountName", "objectGUID", "userPrincipalName"),
    )
