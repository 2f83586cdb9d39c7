"""Parity: every field of a user store, an application and a purpose stands in the console, or has a reason."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.web.console.console_house import open_console
from tests.web.console.doorway_house import doorways_of

from jitney.administration.operator import Right
from jitney.model.application import Application
from jitney.model.consent import Purpose, PurposeAttribute
from jitney.model.factor import FactorKind
from jitney.model.sign_in_policy import AttributeCondition, Effect, PolicyRule, SignInPolicy
from jitney.model.user_store import UserStoreDescription
from jitney.model.user_store_record import (
    LDAPConnection,
    OwnDatabase,
    SQLConnection,
    StoreConnection,
    UserStoreRecord,
)
from jitney.web.console.applications import fields as application_fields
from jitney.web.console.applications.policy_form import cards_of, typed_of_policy
from jitney.web.console.purposes import section as purposes
from jitney.web.console.user_stores.adding import fields_of_new
from jitney.web.console.user_stores.kinds import KINDS
from jitney.web.console.user_stores.parts import NOT_EDITED, parts_of
from jitney.web.console.user_stores.section import PARTS

LDAP = LDAPConnection("ldaps://ldap.example", "ou=people", "cn=jitney")
SQL = SQLConnection("sqlite:////people.db")


def paths_of(record: Any, prefix: str = "") -> Iterator[str]:
    """Return the dotted paths of all that a record holds, down to what is no record itself."""
    for field in fields(record):
        value = getattr(record, field.name)
        path = f"{prefix}{field.name}"
        if is_dataclass(value) and fields(value) and path != "sign_in_policy":
            yield from paths_of(value, f"{path}.")
        elif not (is_dataclass(value) and path == "connection"):
            yield path


@pytest.mark.parametrize("connection", [LDAP, SQL, OwnDatabase()], ids=["directory", "database", "own"])
def test_every_field_of_a_user_store_is_in_a_part_or_excused(connection: StoreConnection) -> None:
    """Issue 7: no field of a user store is out of the reach of the console without a reason, and none is twice."""
    record = UserStoreRecord("s", UserStoreDescription("ENG"), connection)
    edited = [field.path for part in parts_of(connection) for field in part.fields]
    assert len(edited) == len(set(edited))
    known = set(paths_of(record))
    assert known == {path for path in {*edited, *NOT_EDITED} if path in known}
    assert set(edited) <= known
    assert not set(edited) & set(NOT_EDITED)
    assert all(reason.endswith(".") for reason in NOT_EDITED.values())


@pytest.mark.parametrize("word", KINDS)
def test_every_field_of_a_part_is_in_the_form_for_a_new_store(word: str) -> None:
    """Issue 7: what can be edited can be said at once when a store is added, with the domain beside it."""
    new = KINDS[word].new("")
    shown = {field.path for field in fields_of_new(new)}
    edited = {field.path for part in parts_of(new.connection) for field in part.fields}
    assert {*edited, "description.domain"} == shown


def test_a_part_that_is_risky_asks_for_a_fresh_sign_in() -> None:
    """R-117: the doorways of the parts ask for a fresh sign-in where the part says that it is risky."""
    said = {part.word: part.risky for one in (LDAP, SQL, OwnDatabase()) for part in parts_of(one)}
    assert said == dict(PARTS)


def test_every_field_of_an_application_is_in_a_part_or_excused() -> None:
    """Issue 7: no field of an application is out of reach without a reason, and none is there twice."""
    edited = [field.path for part in application_fields.parts_for(["acme"]) for field in part.fields]
    assert len(edited) == len(set(edited))
    excused = application_fields.NOT_EDITED
    assert set(paths_of(Application("", "", ()))) == {*edited, *excused}
    assert not set(edited) & set(excused)


def test_every_field_of_a_purpose_is_in_its_form_or_excused() -> None:
    """Issue 7: no field of a purpose is out of the reach of the console without a reason."""
    edited = {field.path for field in purposes.FIELDS}
    assert set(paths_of(Purpose("", "", "", ()))) == {*edited, *purposes.NOT_EDITED}


def test_every_part_of_a_rule_and_of_a_row_has_an_input() -> None:
    """Issue 7: what stands in a rule of a policy, in its conditions, and in the rows of a table is reachable."""
    rule = PolicyRule(Effect.FACTOR, factors=(FactorKind.TOTP,))
    typed = {**typed_of_policy(SignInPolicy((rule,))), "rule.0.place": "1"}
    assert {field.name for field in fields(PolicyRule)} | {"place"} == {name.split(".")[2] for name in typed}
    inputs = {field.path for card in cards_of(typed)[:1] for field in (*card.acts, *card.conditions)}
    assert {".".join(name.split(".")[:3]) for name in typed} == inputs
    assert ["attribute", "values"] == [field.name for field in fields(AttributeCondition)]
    [table] = [field for field in purposes.FIELDS if field.columns]
    assert [field.name for field in fields(PurposeAttribute)] == [column.name for column in table.columns]


@pytest.mark.anyio
async def test_what_is_risky_asks_for_a_fresh_sign_in(tmp_path: Path) -> None:
    """R-117: of these sections exactly the forms that are listed here need a sign-in of the last five minutes."""
    stores, applications = "/console/user-stores", "/console/applications"
    async with open_console(tmp_path) as console:
        forms = doorways_of(console).forms
    ours = [
        form
        for form in forms
        if form.path.startswith(
            (stores, applications, "/console/purposes", "/console/roles", "/console/new-")
        )
    ]
    assert {
        f"{stores}/new",
        f"{stores}/{{domain}}/enable",
        f"{stores}/{{domain}}/connection",
        f"{stores}/{{domain}}/attributes",
        f"{stores}/{{domain}}/groups",
        f"{stores}/{{domain}}/forget",
        f"{stores}/{{domain}}/remove",
        "/console/new-application",
        f"{applications}/{{id}}/basic",
        f"{applications}/{{id}}/proof",
        f"{applications}/{{id}}/people",
        f"{applications}/{{id}}/policy",
        f"{applications}/{{id}}/secret",
        f"{applications}/{{id}}/remove",
        "/console/roles/remove",
    } == {form.path for form in ours if form.risky}
    free = {form.path for form in ours if form.right is not Right.ADMINISTER}
    assert {f"{stores}/{{domain}}/try", f"{applications}/{{id}}/try"} == free
