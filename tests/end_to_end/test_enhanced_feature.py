"""The guide's list of what the enhanced feature makes possible, point by point, in a real browser.

Beside the town in which conf/deployment.toml has ``enable_enhanced_feature = "true"`` stands its twin that says
nothing: there none of the points holds.
"""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from tests.end_to_end.enhanced_town import (
    EnhancedTown,
    Guest,
    enhanced_town,
    key_on,
    oathtool,
    visiting,
)
from tests.end_to_end.jitney_process import SECRET
from tests.servers.chromium import Chromium

from jitney.model.factor import REFEDS_MFA

pytestmark = pytest.mark.anyio

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
async def on(anyio_backend: str) -> AsyncIterator[EnhancedTown]:
    """The town with the feature."""
    async with enhanced_town() as town:
        yield town


@pytest.fixture(scope="module")
async def off(anyio_backend: str) -> AsyncIterator[EnhancedTown]:
    """Its twin without."""
    async with enhanced_town(switch="") as town:
        yield town


@pytest.fixture(scope="module")
async def chromium(anyio_backend: str) -> AsyncIterator[Chromium]:
    """The browser."""
    async with Chromium() as chromium:
        yield chromium


async def name_of(town: EnhancedTown, subject: str) -> str:
    """Return the name of the one user whom a subject opens."""
    ((_, name),) = await town.opened_by(subject)
    return name


# ── 1: a federated unique user id is set as the user name ───────────────────────────────────────────


async def test_federated_unique_user_id_is_the_user_name(
    chromium: Chromium, on: EnhancedTown, off: EnhancedTown
) -> None:
    """jit.md 10 (1), R-001: whoever is provisioned gets as user name an id of their own, which stays the same.

    Lists and pages say beside it who that is, and where they come from.
    """
    async with visiting(chromium, on) as first, visiting(chromium, on) as second:
        await first.come("acme", "ada")
        subject = (await first.claims())["sub"]
        ((user_id, name),) = await on.opened_by("acme-ada")
        assert UUID.fullmatch(name), name
        (line,) = [line for line in (await on.run("user", "list")).out.splitlines() if name in line]
        assert ["Ada Alder", "Acme"] == [part for part in ("Ada Alder", "Acme") if part in line]
        told = (await on.run("user", "show", name)).out
        assert re.search(r"known as: +Ada Alder\nprovider: +Acme\n", told), told
        await first.open("/account")
        assert [True, True] == [part in await first.read() for part in ("Ada Alder", name)]
        await first.photograph("enhanced-user-name")

        await second.come("acme", "ada")
        assert subject == (await second.claims())["sub"]
        assert [(user_id, name)] == await on.opened_by("acme-ada")
        assert subject == user_id != name

    async with visiting(chromium, off) as guest:
        await guest.come("acme", "ada")
        assert "acme-ada" == await name_of(off, "acme-ada")


# ── 2: second factors can be configured for federated users ─────────────────────────────────────────


async def test_second_factors_can_be_configured_for_federated_users(
    chromium: Chromium, on: EnhancedTown, off: EnhancedTown
) -> None:
    """jit.md 10 (2), R-095, R-097, R-100: people of a provider set up an app or codes by e-mail, and owe them.

    An app in their own account, for an application that demands it; codes by e-mail in the middle of the first
    sign-in, for a provider that demands them. The application is told in ``amr`` and ``acr`` what was proven.
    """
    async with visiting(chromium, on) as guest:
        await guest.come("acme", "grace")
        assert not {"amr", "acr"} & (await guest.claims()).keys()
        key, used = await set_app_up(guest)
        await guest.page.goto(f"{on.vault}/sign-in")
        assert "Confirm that it is you" in await guest.read()
        await guest.type_code(used)
        assert "This code was not accepted" in await guest.read()
        await guest.photograph("enhanced-app-demanded")
        await guest.type_code(oathtool(key, now="now + 30 seconds"))
        assert guest.page.url.startswith(on.vault)
        assert ('["otp", "mfa"]', REFEDS_MFA) == proven(await guest.claims())

    await on.add_provider("birch", 'second_factor={ required = true, kinds = ["email_otp"] }')
    async with visiting(chromium, on) as guest:
        await guest.come("birch", "mia")
        await guest.choose_way("Code by e-mail")
        assert [] == await on.rows("SELECT id_hash FROM sessions WHERE subject = 'mia'")
        code = await on.mailed_code("mia@acme.example")
        await guest.photograph("enhanced-letter-demanded")
        await guest.type_code(code)
        assert "Keep your recovery codes" in await guest.read()
        await guest.press("go_on")
        assert ('["otp", "mfa"]', REFEDS_MFA) == proven(await guest.claims())

    async with visiting(chromium, off) as guest:
        await guest.come_in("acme", "grace")
        assert "Set up a second step" not in await guest.read()
        await guest.open("/account/factors")
        assert 0 == await guest.page.locator("button.way").count()
        before = await off.rows("SELECT id_hash FROM sessions")
        await guest.come("acme", "grace", to=f"{off.vault}/sign-in")
        assert "second_factor_unavailable" == guest.reason
        await guest.photograph("enhanced-off-no-second-step")
        assert [] == await off.rows("SELECT id FROM factors")
        assert (before, []) == (
            await off.rows("SELECT id_hash FROM sessions"),
            await off.rows("SELECT session FROM codes WHERE application = 'vault'"),
        )


async def set_app_up(guest: Guest) -> tuple[str, str]:
    """Set an authenticator app up in one's own account; return its key, and the code that was typed."""
    await guest.open("/account/factors")
    await guest.choose_way("Authenticator app")
    key = await key_on(guest.page)
    used = oathtool(key)
    await guest.type_code(used)
    assert "Keep your recovery codes" in await guest.read()
    await guest.page.click("text=I have kept them: continue")
    assert "You have 10 recovery codes left." in await guest.read()
    return key, used


def proven(claims: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return what the ID token says was proven."""
    return claims.get("amr"), claims.get("acr")


# ── 3: when an identity provider is deleted, its provisioned users are deleted ──────────────────────


async def test_deleting_the_provider_deletes_its_users(
    chromium: Chromium, on: EnhancedTown, off: EnhancedTown
) -> None:
    """jit.md 10 (3), R-034, P-7: a plan, the name typed once more, and then everybody goes as it was planned.

    Who has a password or another link is kept, and only unlinked. Nobody comes in from the first moment.
    """
    await on.add_provider("cedar")
    await on.add_provider("dahlia")
    async with (
        visiting(chromium, on) as ivy, visiting(chromium, on) as late,
        visiting(chromium, on) as kim, visiting(chromium, on) as lea,
    ):  # fmt: skip
        people = {"ivy": ivy, "kim": kim, "lea": lea, "jon": late}
        for name, guest in people.items():
            await guest.come("cedar", name)
        names = {name: await name_of(on, name) for name in people}
        await on.run(
            "user", "set-password", names["kim"], "--password-file", str(on.home.folder / "password")
        )
        await on.run("user", "link", names["lea"], "--idp", "dahlia", "--subject", "lea-at-dahlia")
        plan = await on.told("idp", "remove", "cedar", "--plan")
        assert {"deleted": 2, "has_password": 1, "has_other_link": 1} == positive(plan["counts"])
        assert {(names["kim"], "has_password"), (names["lea"], "has_other_link")} == {
            (one["user_name"], one["why"]) for one in plan["kept"]
        }
        await late.page.context.clear_cookies()
        await late.page.goto(f"{on.application}/sign-in")
        await late.page.click("button[value=cedar]")

        before = await everybody(on)
        await on.run("idp", "remove", "cedar", typed="acme\n", expect=1)
        await ivy.open("/account")
        assert ("Your account", before) == (await ivy.page.title(), await everybody(on))

        await on.run("idp", "remove", "cedar", typed="cedar\n")
        await ivy.open("/account")
        assert "Continue with Acme" in await ivy.read()
        assert "Cedar" not in await ivy.read()
        await late.say_who("jon")
        assert "identity_provider_unknown" == late.reason
        await late.photograph("enhanced-provider-gone")

        done = await on.told("idp", "removal", "cedar", "--wait")
        assert (plan["counts"], plan["counts"], "done") == (done["planned"], done["done"], done["phase"])
        gone = {names["ivy"], names["jon"]}
        assert {name: state for name, state in before.items() if name not in gone} == await everybody(on)
        assert [[], []] == [await on.opened_by("kim"), await on.opened_by("lea")]
        await kim.come_in_locally(names["kim"])
        assert names["kim"] in await kim.read()
        await kim.photograph("enhanced-kept-with-password")

    await off.add_provider("cedar")
    async with visiting(chromium, off) as guest:
        await guest.come("cedar", "ivy")
        before = await everybody(off)
        plan = await off.told("idp", "remove", "cedar", "--plan")
        assert {"deletion_off": 1} == positive(plan["counts"])
        await off.run("idp", "remove", "cedar", "--yes", "--wait")
        assert (before, []) == (await everybody(off), await off.opened_by("ivy"))


def positive(counts: Mapping[str, int]) -> dict[str, int]:
    """Return those counts that count anybody."""
    return {name: number for name, number in counts.items() if number}


async def everybody(town: EnhancedTown) -> dict[str, str]:
    """Return the state of each user by name."""
    return dict(await town.rows("SELECT name, state FROM users"))


# ── 4: editing of the provisioned users' attributes is not allowed ──────────────────────────────────


async def test_attributes_of_provisioned_users_cannot_be_edited(
    chromium: Chromium, on: EnhancedTown, off: EnhancedTown
) -> None:
    """jit.md 10 (4), R-034: what the provider masters is refused with SUO-10000, and all that came with it.

    The page of one's own account has no field for it. Whether somebody may come in stays for operators to say.
    """
    async with visiting(chromium, on) as guest:
        await guest.come_in("acme", "nia")
        assert 0 == await guest.page.locator("main :is(input:not([type=hidden]), textarea, select)").count()
        name = await name_of(on, "nia")
        before = await attributes(on)
        refused = await on.run("apply", edit(on, name), expect=1)
        assert f"user {name}: attributes.given_name" in refused.err
        assert "SUO-10000" in refused.err
        assert before == await attributes(on)
        await on.run("apply", edit(on))
        assert {*before, ("olga", "nickname", "Ol")} == await attributes(on)

        await on.run("user", "disable", name)
        await guest.come_in("acme", "nia")
        assert "user_disabled" == guest.reason
        await on.run("user", "enable", name)
        await guest.come_in("acme", "nia")
        assert "Nia Newcomer" in await guest.read()

    async with visiting(chromium, off) as guest:
        await guest.come_in("acme", "nia")
        await off.run("apply", edit(off, "nia"))
        await guest.open("/account")
        assert "Nita from an administrator" in " ".join((await guest.read()).split())
        await guest.photograph("enhanced-off-edited")


def edit(town: EnhancedTown, *names: str) -> str:
    """Write a file that edits these users, and olga, who is no provider's; return its path."""
    file = town.home.folder / "edit.toml"
    user = '[[user]]\nname = "{}"\nattributes = {{ {} }}\n'
    edits = [user.format("olga", OLGA), *(user.format(name, 'given_name = "Nita"') for name in names)]
    file.write_text("\n".join(edits))
    return str(file)


OLGA = (
    'email = "olga@acme.example", email_verified = "true", given_name = "Olga", family_name = "Oak", '
    'nickname = "Ol"'
)


async def attributes(town: EnhancedTown) -> set[tuple[Any, ...]]:
    """Return all that is stored of everybody."""
    sql = (
        "SELECT users.name, user_attributes.name, value FROM user_attributes JOIN users ON user_id = users.id"
    )
    return set(await town.rows(sql))


# ── 5: provisioned users can be locked by their social identity ─────────────────────────────────────


async def test_account_is_locked_by_its_social_identity(
    chromium: Chromium, on: EnhancedTown, off: EnhancedTown
) -> None:
    """jit.md 10 (5), R-035, R-048, P-7: a lock on subject or e-mail ends the browser's session and all tokens.

    It stands on the identity: deleting the account and coming again makes no new one, until it is lifted.
    """
    async with visiting(chromium, on) as guest:
        await guest.come("acme", "ola")
        token = (await guest.tokens()).tokens["refresh_token"]
        name = await name_of(on, "ola")
        told = await on.run("user", "lock", "--idp", "acme", "--subject", "ola", "--reason", "lost laptop")
        assert name in told.out
        assert (400, "invalid_grant") == await refreshed(on, token)
        await guest.open("/account")
        assert "Continue with Acme" in await guest.read()
        await guest.come("acme", "ola")
        # Whichever of the two a node sees first: for half a second it may not know of the identity's own lock.
        assert guest.reason in {"identity_locked", "user_locked"}
        await guest.photograph("enhanced-locked")

        await on.run("user", "remove", name, "--yes")
        await guest.come("acme", "ola")
        assert ("identity_locked", []) == (guest.reason, await on.opened_by("ola"))
        by_address = ("--idp", "acme", "--email", "PIA@acme.example")
        await on.run("user", "lock", *by_address, "--reason", "abuse")
        await guest.come("acme", "pia")
        assert ("identity_locked", []) == (guest.reason, await on.opened_by("pia"))

        await on.run("user", "unlock", "--idp", "acme", "--subject", "ola")
        await on.run("user", "unlock", *by_address)
        for person in ("ola", "pia"):
            await guest.page.context.clear_cookies()
            await guest.come("acme", person)
            assert f"{person}@acme.example" == (await guest.claims())["email"]

    async with visiting(chromium, off) as guest:
        await guest.come("acme", "ola")
        await off.run("user", "lock", "--idp", "acme", "--subject", "ola", "--reason", "lost laptop")
        await guest.come("acme", "ola")
        assert "user_locked" == guest.reason
        await off.run("user", "remove", "ola", "--yes")
        await guest.come("acme", "ola")
        assert "ola@acme.example" == (await guest.claims())["email"]


async def refreshed(town: EnhancedTown, token: str) -> tuple[int, str | None]:
    """Try a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": token}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
        answer = await http.post(f"{town.home.address}/oauth2/token", data=form, auth=("sample", SECRET))
    return answer.status_code, answer.json().get("error")
