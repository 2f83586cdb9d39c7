"""What a provider says of a person, from its claims to the store and on to the application's tokens."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.journeys.cli.shell import Shell
from tests.web.pages.pages_house import (
    BACK,
    PASSWORD,
    TOLD,
    UPSTREAM_SECRET,
    PagesHouse,
    answer_of,
    open_pages,
    reason_of,
)

from jitney.errors import UserStoreUnavailable
from jitney.model.changes import AddRole
from jitney.model.claims import MappingTable, RoleMapping
from jitney.model.policy import ProvisioningPolicy, RoleSyncMode
from jitney.model.user import AttributeValue, GivenBy, Provenance
from jitney.model.user_store import UserStoreDescription
from jitney.ports import OutcomeFilter
from jitney.testing.fake_oidc_provider import Person
from jitney.userstores.registry import UserStoreRegistry

pytestmark = pytest.mark.anyio

BY_OPERATOR = Provenance(GivenBy.OPERATOR, "operator-1")
OWN_CLAIM = "https://tenant.example/claims/dept"
MAPPED = f"""
[[identity_provider]]
name = "acme"
display_name = "Acme"
issuer = "{{issuer}}"
client_id = "jitney"
client_secret_env = "ACME_SECRET"
user_id_claim = "preferred_username"

[identity_provider.provisioning]
enabled = true

[[identity_provider.claim]]
remote = "{OWN_CLAIM}"
local = "department"
"""


# ── subjects ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("subject", "twin"),
    [
        ("https://idp/u/17", "https://idp/u/17/"),
        ("a+b c@x", "a b c@x"),
        ("Zoë 日本", "Zoe\u0308 日本"),
        (" lead", "lead"),
        ("trail ", "trail"),
        ("ADA", "ada"),
        ("x" * 255, "x" * 254),
        ("é" * 255, "e" * 255),
    ],
)
async def test_subject_is_the_key_of_the_link_to_the_letter(tmp_path: Path, subject: str, twin: str) -> None:
    """C2: the link holds the subject byte for byte; who returns with it is found, and no look-alike is."""
    people = (
        Person(subject, {"preferred_username": "first"}),
        Person(twin, {"preferred_username": "second"}),
    )
    async with open_pages(tmp_path, people=people) as house:
        for _ in range(2):
            assert "code" in await house.sign_in(house.new_browser(), login_hint="first")
        (user,) = await house.users()
        (link,) = await house.house.doors.links.of_user(user.id)
        assert (subject.encode(), "first") == (link.subject.encode(), user.username.name)
        assert "code" in await house.sign_in(house.new_browser(), login_hint="second")
        assert ["first", "second"] == sorted(user.username.name for user in await house.users())


async def test_subject_that_is_too_long_is_refused_by_name(tmp_path: Path) -> None:
    """C2: OpenID Connect gives a subject 255 characters; of 300 none is cut, and nobody is made or linked."""
    people = tuple(Person("x" * size, {"preferred_username": f"of-{size}"}) for size in (300, 256, 255))
    async with open_pages(tmp_path, people=people) as house:
        for name in ("of-300", "of-256"):
            page = await house.browser.follow(await house.until_callback(login_hint=name), stop_before=BACK)
            assert "id_token_subject_malformed" == reason_of(page)
        kept = await house.snapshot()
        assert ([], [], []) == (kept["users"], kept["account_links"], kept["sessions"])
        assert "code" in await house.sign_in(login_hint="of-255")


@pytest.mark.parametrize(
    ("subject", "end"),
    [("https://idp/u/17", None), ("a+b", None), ("a+b c@x", "user_name_breaks_pattern"),
     ("a+b@x", "user_name_is_unverified_email"), ("x" * 255, "user_name_breaks_pattern")],
)  # fmt: skip
async def test_name_from_a_subject_is_the_subject_or_a_refusal(
    tmp_path: Path, subject: str, end: str | None
) -> None:
    """C2: where the subject names the person it does so whole, or the person reads why it cannot."""
    async with open_pages(tmp_path, people=(Person(subject, {"email": "s@acme.example"}),)) as house:
        await house.change_provider(mappings=MappingTable())
        callback = await house.until_callback(login_hint="s@acme.example")
        hop = await house.browser.follow(callback, stop_before=BACK)
        assert end == (reason_of(hop) if hop.location is None else None)
        assert [subject] * (end is None) == [user.username.name for user in await house.users()]


# ── claims ──────────────────────────────────────────────────────────────────────────────────────────


async def test_claim_of_a_tenant_is_declared_stored_and_shown(tmp_path: Path) -> None:
    """C25: a claim whose name is an address is mapped by ``apply``, stored, and shown like any other."""
    ada = Person("acme-ada", {"preferred_username": "ada", "name": "Ada", OWN_CLAIM: "Tides, Weather"})
    async with open_pages(tmp_path, people=(ada,)) as house:
        shell = Shell(tmp_path, {"ACME_SECRET": UPSTREAM_SECRET})
        shell.write(
            "conf/deployment.toml",
            f'[database]\nurl = "sqlite:///{tmp_path}/jitney.db"\n'
            '[security]\nmaster_key_file = "master.key"\n'
            f'[outgoing]\nallow = ["127.0.0.1:{house.provider.port}"]\n',
        )
        declared = shell.write("acme.toml", MAPPED.format(issuer=house.provider.issuer))
        applied = await anyio.to_thread.run_sync(shell.run, "apply", declared)
        assert 0 == applied.exit_code, applied.output
        house.house.doors.identity_providers.forget()
        await house.sign_in()
        (user,) = await house.users()
        assert ("Tides, Weather",) == user.values("department")
        assert OWN_CLAIM not in user.attributes
        shown = await anyio.to_thread.run_sync(shell.run, "user", "show", "ada")
        assert "department = Tides, Weather  (by identity provider acme)\n" in shown.output


# ── roles ───────────────────────────────────────────────────────────────────────────────────────────


async def test_role_that_was_revoked_upstream_is_gone_here_and_from_the_next_tokens(tmp_path: Path) -> None:
    """C10: OVERRIDE_ALL takes the role at the next sign-in, from the user, the tokens and what userinfo says."""
    claims: dict[str, Any] = {"preferred_username": "ada", "groups": ["staff", "data"]}
    table = MappingTable(
        user_id_claim="preferred_username", role_claim="groups",
        roles=(RoleMapping("staff", "readers"), RoleMapping("data", "analysts")),
    )  # fmt: skip
    async with open_pages(tmp_path, people=(Person("acme-ada", claims),)) as house:
        await house.house.doors.work.commit(AddRole("readers"), AddRole("analysts"))
        override = ProvisioningPolicy(enabled=True, role_sync=RoleSyncMode.OVERRIDE_ALL)
        await house.change_provider(policy=override, mappings=table)
        assert (["analysts", "readers"],) * 3 == await roles_of(house)
        claims["groups"] = ["staff"]
        assert (["readers"],) * 3 == await roles_of(house)
        claims["groups"] = []
        user, token, told = await roles_of(house)
        assert ([], [], []) == (user, token or [], told or [])


async def roles_of(house: PagesHouse) -> tuple[list[str], Any, Any]:
    """Sign in in a new browser; return the roles in the store, in the access token and in userinfo."""
    tokens = await house.tokens((await house.sign_in(house.new_browser(), scope="openid roles"))["code"])
    provider = house.house.verbs.openid_provider
    keys = await provider.keys.current()
    claims = provider.exchange.mint.verify_access_token(tokens["access_token"], keys=keys).claims
    (user,) = await house.users()
    told = await house.user_info(tokens["access_token"])
    return sorted(grant.name for grant in user.roles), claims.get("roles"), told.get("roles")


# ── an equal name ───────────────────────────────────────────────────────────────────────────────────


async def test_namesake_is_joined_by_proof_alone_and_a_code_follows(tmp_path: Path) -> None:
    """A7: with the switch on the account is linked once proven, synced, and the application gets its tokens."""
    async with open_pages(tmp_path, equal_name_may_link=True) as house:
        given = {"given_name": (AttributeValue("Augusta", BY_OPERATOR),)}
        local = await house.add_local("ada", attributes=given)
        page = await house.prompt()
        assert [] == list(await house.house.doors.links.of_user(local.id))
        proven = {"username": "ada", "password": PASSWORD}
        done = await house.browser.submit(page, proven, button="Join this account", stop_before=BACK)
        assert "id_token" in await house.tokens(answer_of(done)["code"])
        (user,) = await house.users()
        (link,) = await house.house.doors.links.of_user(local.id)
        assert (local.id, ("Ada",), ("Alder",)) == (
            user.id, user.values("given_name"), user.values("family_name"),
        )  # fmt: skip
        assert "acme-ada" == link.subject


async def test_namesake_is_left_alone_without_the_switch(tmp_path: Path) -> None:
    """A8: with the switch off the arrival is refused by the name, and not a value of the namesake changes."""
    async with open_pages(tmp_path) as house:
        given = {"given_name": (AttributeValue("Augusta", BY_OPERATOR),)}
        await house.add_local("ada", attributes=given)
        before = await house.snapshot("sign_ins", *TOLD)
        page = await house.browser.follow(await house.until_callback(), stop_before=BACK)
        assert (403, "name_taken") == (page.status, reason_of(page))
        assert before == await house.snapshot("sign_ins", *TOLD)
        assert "code" in await house.sign_in(login_hint="grace")


# ── a store that fails ──────────────────────────────────────────────────────────────────────────────


class Unreachable:
    """A user store whose server does not answer."""

    entries = None

    def __init__(self, description: UserStoreDescription) -> None:
        self.description = description

    async def find(self, user_id: str) -> None:
        raise UserStoreUnavailable("user_store_unreachable", "Later.")

    find_by_name_key = find_password_hash = page = find


@pytest.mark.parametrize("returning", [False, True])
async def test_store_that_fails_meanwhile_is_a_page_with_a_reference(
    house: PagesHouse, *, returning: bool
) -> None:
    """C12, P-11: the person reads a page with a reference, under which the operator finds the reason."""
    if returning:
        await house.sign_in(house.new_browser())
    registry = house.house.doors.user_stores
    working = await registry.find("PRIMARY")
    assert working is not None
    callback = await house.until_callback()
    silent: Any = Unreachable(working.description)
    vars(registry).update(vars(UserStoreRegistry([silent])))
    page = await house.browser.follow(callback, stop_before=BACK)
    assert "user_store_unreachable" == reason_of(page)
    (outcome, *_) = await house.house.doors.records.outcomes(OutcomeFilter())
    assert "user_store_unreachable" == outcome.code
    assert outcome.reference in page.text
    vars(registry).update(vars(UserStoreRegistry([working])))
    assert int(returning) == len(await house.users())
    assert "code" in await house.sign_in(house.new_browser())


async def test_local_sign_in_says_that_a_store_is_silent(house: PagesHouse) -> None:
    """P-11, R-046: the person reads that nobody could be asked, and not that the password was wrong."""
    await house.add_local()
    registry = house.house.doors.user_stores
    working = await registry.find("PRIMARY")
    assert working is not None
    silent: Any = Unreachable(working.description)
    vars(registry).update(vars(UserStoreRegistry([silent])))
    page = await house.sign_in_locally("grace")
    assert "This account cannot be looked up now." in page.text
    assert "DOMAIN/name" in page.text
    (outcome,) = await house.house.doors.records.outcomes(OutcomeFilter())
    assert "user_store_unreachable" == outcome.code
    assert outcome.reference in page.text
    vars(registry).update(vars(UserStoreRegistry([working])))
    arrived = await house.sign_in_locally("grace")
    assert "code=" in arrived.response.headers["location"]


@pytest.mark.parametrize(
    ("code", "changed"),
    [("user_store_disabled", {"enabled": False}), ("user_store_read_only", {"read_only": True})],
)
async def test_store_that_takes_nobody_is_a_page_with_a_reference(
    tmp_path: Path, code: str, changed: dict[str, Any]
) -> None:
    """C12, R-021: a store that is off or read-only makes nobody, and page and record say so under one reference."""
    store = replace(UserStoreDescription("PRIMARY"), **changed)
    async with open_pages(tmp_path, store=store) as house:
        page = await house.browser.follow(await house.until_callback(), stop_before=BACK)
        (outcome,) = await house.house.doors.records.outcomes(OutcomeFilter())
        assert (403, code, code) == (page.status, reason_of(page), outcome.code)
        assert outcome.reference in page.text
        assert [] == await house.users()
