"""Applications in the console: registering, editing, secrets, policies, and trying one as somebody."""

import re
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.web.console.both_versions_house import save_chosen
from tests.web.console.console_house import ConsoleHouse, open_console, path_of
from tests.web.console.doorway_house import effects
from tests.web.pages.pages_house import BACK, PASSWORD, reason_of

from jitney.model.application import Application
from jitney.model.factor import FactorKind
from jitney.model.policy import ProvisioningPolicy
from jitney.model.secret_hash import hash_secret
from jitney.model.sign_in_policy import AttributeCondition, Effect, PolicyRule, SignInPolicy

pytestmark = pytest.mark.anyio

SHOP = "/console/applications/shop"
NEW = "/console/new-application"
WIKI = {"name": "Wiki", "id": "wiki", "redirect_uris": "https://wiki.example/cb\nhttps://wiki.example/other"}


async def application(console: ConsoleHouse, id: str = "shop") -> Application | None:
    """Return an application as it is kept."""
    return await console.house.doors.stored_applications.find(id)


async def the_shop(console: ConsoleHouse) -> Application:
    """Return the shop as it is kept."""
    found = await application(console)
    assert found is not None
    return found


def secret_on(text: str) -> str:
    """Return the secret that a page shows."""
    [found] = re.findall(r"<dt>Client secret</dt><dd><code[^>]*>([^<]+)</code>", text)
    return found


async def test_an_application_is_registered_and_its_secret_shown_once(tmp_path: Path) -> None:
    """R-115: the secret that was made stands on one page and on no other, in no address and in no log."""
    async with open_console(tmp_path) as console:
        with capture_logs() as logs:
            made = await console.post(await console.get(NEW), WIKI, button="Register")
            secret = secret_on(made.text)
            others = [
                await console.get(f"/console/applications/wiki{part}") for part in ("", "/basic", "/proof")
            ]
        assert (200, "no-store") == (made.status, made.response.headers["cache-control"])
        found = await application(console, "wiki")
        assert found is not None
        assert hash_secret(secret) == found.secret_hash
        assert ("https://wiki.example/cb", "https://wiki.example/other") == found.redirect_uris
        assert not [page.url for page in others if secret in page.text + page.url]
        assert secret not in repr(logs)
        assert found.secret_hash not in "".join(page.text for page in others)


async def test_a_redirect_uri_that_is_none_is_refused_at_its_field(tmp_path: Path) -> None:
    """Issue 7: a fault is told at its field, with what was typed still there, and nothing is registered."""
    async with open_console(tmp_path) as console:
        before = await effects(console)
        wrong = {**WIKI, "redirect_uris": "http://wiki.example/cb#there"}
        page = await console.post(await console.get(NEW), wrong, button="Register")
        assert (422, "application_invalid") == (page.status, reason_of(page))
        assert 'id="d-redirect_uris"' in page.text
        assert "http://wiki.example/cb#there" in page.text
        assert before == await effects(console)
        again = await console.post(page, {"redirect_uris": "https://wiki.example/cb"}, button="Register")
        assert secret_on(again.text)


async def test_a_new_secret_ends_the_old_one(tmp_path: Path) -> None:
    """R-117: a secret is made anew after a fresh sign-in, is shown once, and is the one that counts."""
    async with open_console(tmp_path) as console:
        ask = await console.get(f"{SHOP}/secret")
        old = await the_shop(console)
        await console.age_session()
        again = await console.post(ask, button="Make a new secret")
        assert "/sign-in" in path_of(again) or "Sign in" in again.text
        assert old.secret_hash == (await the_shop(console)).secret_hash
        who = {"username": "root", "password": PASSWORD}
        fresh = await console.root.submit(again, who, button="Sign in")
        shown = await console.post(fresh, button="Make a new secret")
        assert hash_secret(secret_on(shown.text)) == (await the_shop(console)).secret_hash


async def test_each_part_is_saved_and_the_rest_stays(tmp_path: Path) -> None:
    """Issue 7: a part changes what it shows, and nothing else of the application."""
    async with open_console(tmp_path) as console:
        before = await the_shop(console)
        form = await console.get(f"{SHOP}/people")
        typed = {"identity_providers.acme": "on", "required_attributes": "phone_number"}
        saved = await console.post(form, typed, button="Save")
        assert "Saved." in saved.text
        after = await the_shop(console)
        assert (("acme",), ("phone_number",)) == (after.identity_providers, after.required_attributes)
        assert before.redirect_uris == after.redirect_uris
        assert before.secret_hash == after.secret_hash
        same = await console.post(await console.get(f"{SHOP}/people"), button="Save")
        assert "Nothing was changed" in same.text
        assert after.version == (await the_shop(console)).version


async def test_of_two_operators_of_an_application_the_second_sees_both_versions(tmp_path: Path) -> None:
    """Issue 7: whoever saves later sees both versions, and saves theirs only when they say so."""
    async with open_console(tmp_path) as console:
        mine, theirs = await console.get(f"{SHOP}/basic"), await console.get(f"{SHOP}/basic")
        await console.post(theirs, {"name": "Their shop"}, button="Save")
        conflict = await console.post(mine, {"name": "My shop"}, button="Save")
        assert (409, "changed_meanwhile") == (conflict.status, reason_of(conflict))
        assert "Their shop" in conflict.text
        assert "My shop" in conflict.text
        assert "Their shop" == (await the_shop(console)).name
        await save_chosen(console, conflict, {"Name": "mine"})
        assert "My shop" == (await the_shop(console)).name


async def test_a_policy_is_written_rule_by_rule_and_ordered_by_number(tmp_path: Path) -> None:
    """Issue 7: every part of a rule can be said in the console, and a number says where a rule stands."""
    async with open_console(tmp_path) as console:
        form = await console.get(f"{SHOP}/policy")
        typed = {
            "rule.0.effect": "factor",
            "rule.0.place": "20",
            "rule.0.factors.totp": "on",
            "rule.0.attributes": "department = finance | payroll\nemail",
            "rule.1.effect": "refuse",
            "rule.1.place": "10",
            "rule.1.identity_providers": "local\nacme",
            "rule.1.roles": "operator",
            "rule.1.networks": "10.0.0.0/8",
            "rule.1.outside_networks": "10.1.0.0/16",
        }
        await console.post(form, typed, button="Save the policy")
        first, second = (await the_shop(console)).sign_in_policy.rules
        assert (
            PolicyRule(
                Effect.REFUSE,
                ("local", "acme"),
                ("operator",),
                networks=("10.0.0.0/8",),
                outside_networks=("10.1.0.0/16",),
            )
            == first
        )
        assert (
            AttributeCondition("department", ("finance", "payroll")),
            AttributeCondition("email"),
        ) == second.attributes
        assert ["totp"] == [kind.value for kind in second.factors]
        again = await console.post(await console.get(f"{SHOP}/policy"), button="Save the policy")
        assert "Nothing was changed" in again.text
        await console.post(
            await console.get(f"{SHOP}/policy"), {"rule.0.effect": ""}, button="Save the policy"
        )
        assert (second,) == (await the_shop(console)).sign_in_policy.rules


async def test_a_fault_of_a_rule_stands_at_the_card_on_which_it_was_typed(tmp_path: Path) -> None:
    """Issue 7: rules are counted by their place, and a fault is told where the operator typed."""
    async with open_console(tmp_path) as console:
        before = await effects(console)
        form = await console.get(f"{SHOP}/policy")
        typed = {
            "rule.0.effect": "factor", "rule.0.place": "2", "rule.0.networks": "10.0.0.1/8",
            "rule.1.effect": "refuse", "rule.1.place": "1",
        }  # fmt: skip
        page = await console.post(form, typed, button="Save the policy")
        assert (422, "application_invalid") == (page.status, reason_of(page))
        assert 'id="d-rule.0.networks"' in page.text
        assert "is 10.0.0.0/8 meant?" in page.text
        assert before == await effects(console)
        saved = await console.post(page, {"rule.0.networks": "10.0.0.0/8"}, button="Save the policy")
        assert "this rule fits everybody, so nobody gets to those behind it" in saved.text
        assert 2 == len((await the_shop(console)).sign_in_policy.rules)


async def test_a_policy_that_nobody_can_meet_is_told_when_it_is_saved(tmp_path: Path) -> None:
    """Issue 7: saving a policy tells whose people cannot meet it, and is silent where all can."""
    async with open_console(tmp_path) as console:
        await console.pages.change_provider(policy=ProvisioningPolicy(enabled=False))
        page = await console.get(f"{SHOP}/policy")
        warned = await console.post(page, {"rule.0.effect": "factor"}, button="Save the policy")
        assert "Rule 1: people of acme cannot meet this policy" in warned.text
        page = await console.get(f"{SHOP}/policy")
        silent = await console.post(page, {"rule.0.effect": "refuse"}, button="Save the policy")
        assert "Saved." in silent.text
        assert "cannot meet" not in silent.text


async def test_two_versions_of_a_policy_are_shown_rule_by_rule(tmp_path: Path) -> None:
    """Issue 7: of two operators who edit one policy the second sees both in words before anything is lost."""
    async with open_console(tmp_path) as console:
        mine, theirs = await console.get(f"{SHOP}/policy"), await console.get(f"{SHOP}/policy")
        await console.post(theirs, {"rule.0.effect": "refuse"}, button="Save the policy")
        conflict = await console.post(mine, {"rule.0.effect": "factor"}, button="Save the policy")
        assert (409, "changed_meanwhile") == (conflict.status, reason_of(conflict))
        assert "refuse: everybody" in conflict.text
        assert "ask for any second factor: everybody" in conflict.text
        assert Effect.REFUSE is (await the_shop(console)).sign_in_policy.rules[0].effect
        await save_chosen(console, conflict, {"Rules": "mine"})
        assert Effect.FACTOR is (await the_shop(console)).sign_in_policy.rules[0].effect


async def test_a_trial_says_who_comes_in_and_what_the_application_is_told(tmp_path: Path) -> None:
    """Issue 7: “Try it” shows the way in, the factor that is owed and the claims by scope, and stores nothing."""
    async with open_console(tmp_path) as console:
        page = await console.get(f"{SHOP}/try")
        before = await console.pages.snapshot("spent_once", "sessions")
        tried = await console.post(page, {"user": "eve"}, button="Try with this account")
        assert 200 == tried.status
        assert "They would come in" in tried.text
        assert console.people["eve"].id in tried.text
        assert "<code>preferred_username</code>" in tried.text
        assert before == await console.pages.snapshot("spent_once", "sessions")
        assert not [hop.url for hop in console.root.hops if hop.url.startswith(BACK)]
        policy = SignInPolicy((PolicyRule(Effect.REFUSE, ("local",)),))
        await console.pages.change_application(sign_in_policy=policy)
        refused = await console.post(
            await console.get(f"{SHOP}/try"), {"user": "eve"}, button="Try with this account"
        )
        assert "They would not come in" in refused.text
        assert "refused_by_sign_in_policy" in refused.text
        assert "Rule 1 of the sign-in policy says so." in refused.text
        assert console.people["eve"].id not in refused.text


async def test_a_trial_asks_the_policy_about_the_network(tmp_path: Path) -> None:
    """R-024: a trial from inside and one from outside end as the policy says, and an unknown one as outside."""
    async with open_console(tmp_path) as console:
        policy = SignInPolicy((PolicyRule(Effect.REFUSE, outside_networks=("10.0.0.0/8",)),))
        await console.pages.change_application(sign_in_policy=policy)
        said = []
        for network in ("10.1.2.3", "192.0.2.1", "", "nonsense"):
            page = await console.get(f"{SHOP}/try")
            tried = await console.post(
                page, {"user": "eve", "network": network}, button="Try with this account"
            )
            said.append("They would come in" in tried.text)
        assert [True, False, False, False] == said


async def test_a_trial_says_which_second_factor_would_be_owed(tmp_path: Path) -> None:
    """Issue 7: the kinds that do, and why they are asked for, are told; without a rule nothing is asked for."""
    async with open_console(tmp_path) as console:
        policy = SignInPolicy((PolicyRule(Effect.FACTOR, factors=(FactorKind.TOTP,)),))
        await console.pages.change_application(sign_in_policy=policy)
        owed = await console.post(
            await console.get(f"{SHOP}/try"), {"user": "eve"}, button="Try with this account"
        )
        assert "A second factor is asked for: totp." in owed.text
        assert "second_factor_by_application" in owed.text
        assert "They would come in" in owed.text
        await console.pages.change_application(sign_in_policy=SignInPolicy())
        free = await console.post(
            await console.get(f"{SHOP}/try"), {"user": "eve"}, button="Try with this account"
        )
        assert "No second factor is asked for." in free.text


async def test_a_trial_by_a_provider_needs_a_link(tmp_path: Path) -> None:
    """Issue 7: somebody whose account no identity of the provider opens would not come in by it."""
    async with open_console(tmp_path) as console:
        page = await console.get(f"{SHOP}/try")
        tried = await console.post(page, {"user": "eve", "way": "acme"}, button="Try with this account")
        assert "link_gone" in tried.text
        assert "They would not come in" in tried.text
        await console.pages.sign_in()
        [ada] = [user for user in await console.pages.users() if user.origin]
        twin = await console.post(
            page_again := await console.get(f"{SHOP}/try"),
            {"user": ada.id, "way": "acme"},
            button="Try with this account",
        )
        assert 200 == page_again.status
        assert "They would come in" in twin.text


async def test_a_trial_with_claims_shows_what_provisioning_would_make(tmp_path: Path) -> None:
    """Issue 7: somebody new is tried by what their provider would say; nothing of it is stored."""
    async with open_console(tmp_path) as console:
        page = await console.get(f"{SHOP}/try")
        before = await console.pages.snapshot("spent_once", "sessions")
        claims = '{"sub": "s-1", "name": "Lin Na", "preferred_username": "linna", "email": "lin@example.com"}'
        tried = await console.post(page, {"claims": claims}, button="Try with these claims")
        assert 200 == tried.status, tried.text
        assert "An account would be made" in tried.text
        assert "Lin Na" in tried.text
        assert before == await console.pages.snapshot("spent_once", "sessions")
        for wrong, code in (("[]", "claims_unreadable"), ('{"name": "x"}', "subject_missing")):
            form = await console.get(f"{SHOP}/try")
            refused = await console.post(form, {"claims": wrong}, button="Try with these claims")
            assert (422, code) == (refused.status, reason_of(refused))


async def test_an_application_is_switched_off_and_removed(tmp_path: Path) -> None:
    """Issue 7: an application is switched off with a button, and removed when that is confirmed."""
    async with open_console(tmp_path) as console:
        off = await console.post(await console.get(SHOP), button="Switch off")
        assert "Switched off." in off.text
        assert not (await the_shop(console)).enabled
        on = await console.post(off, button="Switch on")
        assert "Switched on." in on.text
        ask = await console.get(f"{SHOP}/remove")
        assert await application(console) is not None
        gone = await console.post(ask, button="Remove the application")
        assert "/console/applications" == path_of(gone)
        assert await application(console) is None


async def test_the_help_desk_tries_an_application_and_changes_none(tmp_path: Path) -> None:
    """R-110: who helps people may try an application for them; its forms are refused with nothing done."""
    async with open_console(tmp_path) as console:
        desk = await console.browser_of("desk")
        tried = await console.post(
            await console.get(f"{SHOP}/try", desk),
            {"user": "eve"},
            button="Try with this account",
            browser=desk,
        )
        assert "They would come in" in tried.text
        before = await effects(console)
        for word in ("basic", "proof", "people", "policy", "claims"):
            page = await console.get(f"{SHOP}/{word}", desk)
            [form] = [one for one in page.forms if one.action.endswith(word)]
            assert [] == form.buttons
            origin = {"Origin": "https://id.example"}
            sent = await desk.request("POST", form.action, form=form.fields, headers=origin)
            assert (403, "operator_right_missing") == (sent.status, reason_of(sent))
        assert before == await effects(console)
