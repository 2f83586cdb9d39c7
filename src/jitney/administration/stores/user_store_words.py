"""The keys that a document has for the fields of a user store (pure): most are the field's own name."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "description.username": "username_pattern",
    "description.username.pattern": "username_pattern",
    "description.username.message": "username_message",
    "description.password": "password_pattern",
    "description.password.pattern": "password_pattern",
    "description.password.message": "password_message",
    "description.role": "role_pattern",
    "description.role.pattern": "role_pattern",
    "description.role.message": "role_message",
    "connection": "type",
    "connection.schema": "type",
    "connection.ca_certificates": "ca_certificates_file",
    "connection.groups.base": "group_base",
    "connection.groups.object_class": "group_object_class",
    "connection.groups.name_attribute": "group_name_attribute",
    "connection.groups.filter": "group_filter",
    "connection.groups.members": "member_attribute",
    "connection.groups.member_of": "member_of_attribute",
    "connection.groups.may_be_read": "read_groups",
    "connection.groups.may_be_written": "write_groups",
    "connection.groups_may_be_read": "read_groups",
    "connection.groups_may_be_written": "write_groups",
    "connection.tables.users": "users_table",
    "connection.tables.memberships": "memberships_table",
    "connection.tables.groups": "groups_table",
}


def word_of(path: str) -> str:
    """Return the key of a document in which the field at this path stands (``connection.url`` is ``url``)."""
    return WORDS.get(path, path.rpartition(".")[2])
