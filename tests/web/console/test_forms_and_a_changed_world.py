"""Forms that were open while the world changed, or that say half of something: nothing is widened in silence."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.web.console.console_house import ConsoleHouse, open_console
from tests.web.pages.pages_house import reason_of

from jitney.model.application import Application
from jitney.model.changes import AddIdentityProvider, Change, RemoveIdentityProvider
from jitney.model.sign_in_policy import AttributeCondition, Effect, PolicyRule, SignInPolicy
from jitney.web.console.applications.fields import MOST_BOXES

pytestmark = pytest.mark.anyio

SHOP = "/console/applications/shop"
PEOPLE, POLICY = f"{SHOP}/people", f"{SHOP}/policy"


async def the_shop(console: ConsoleHouse) -> Application:
    """The shop as it is kept."""
    found = await console.house.doors.stored_applications.find("shop")
    assert found is not None
    return found


async def add_providers(console: ConsoleHouse, number: int) -> None:
    """Add so many providers like Acme."""
    acme = await console.house.doors.stored_identity_providers.find_by_name("acme")
    assert acme is not None
    added: list[Change] = [
        AddIdentityProvider(replace(acme, id=f"idp-{at}", name=f"more-{at}", version=1))
        for at in range(number)
    ]
    await console.house.doors.work.commit(*added)


async def test_list_of_providers_survives_that_there_are_more_of_them_now(tmp_path: Path) -> None:
    """Issue 7: a page with boxes, sent when there are too many providers for boxes, still names whom it named."""
    async with open_console(tmp_path) as console:
        await console.pages.change_application(identity_providers=("acme",))
        boxes = await console.get(PEOPLE)
        await add_providers(console, MOST_BOXES)
        page = await console.post(boxes, button="Save")
        assert "Nothing was changed" in page.text
        assert ("acme",) == (await the_shop(console)).identity_providers
        names = await console.get(PEOPLE)
        assert "identity_providers" in names.form_with_button("Save")[0].fields
        await console.post(names, {"identity_providers": "acme\r\nmore-7"}, button="Save")
        assert ("acme", "more-7") == (await the_shop(console)).identity_providers


async def test_box_that_is_gone_is_told_and_lets_nobody_in(tmp_path: Path) -> None:
    """Issue 7: the one provider that was ticked is removed meanwhile: that is said, and all are not let in."""
    async with open_console(tmp_path) as console:
        await add_providers(console, 1)
        page, before = await console.get(PEOPLE), await the_shop(console)
        await console.house.doors.work.commit(RemoveIdentityProvider("idp-0", 1))
        refused = await console.post(page, {"identity_providers.more-0": "on"}, button="Save")
        assert (422, "form_invalid") == (refused.status, reason_of(refused))
        assert 'id="d-identity_providers"' in refused.text
        assert before == await the_shop(console)
        await console.post(refused, {"identity_providers.acme": "on"}, button="Save")
        assert ("acme",) == (await the_shop(console)).identity_providers


async def test_rule_without_an_effect_is_not_lost_in_silence(tmp_path: Path) -> None:
    """Issue 7: conditions on a card that says nothing of what happens are told, and no policy is saved without."""
    async with open_console(tmp_path) as console:
        before = await the_shop(console)
        page = await console.post(
            await console.get(POLICY), {"rule.0.roles": "staff"}, button="Save the policy"
        )
        assert (422, "form_invalid") == (page.status, reason_of(page))
        assert 'id="d-rule.0.effect"' in page.text
        assert before == await the_shop(console)
        mended = {"rule.0.effect": "refuse", "rule.0.roles": "operator.auditor"}
        await console.post(page, mended, button="Save the policy")
        rules = SignInPolicy((PolicyRule(Effect.REFUSE, roles=("operator.auditor",)),))
        assert rules == (await the_shop(console)).sign_in_policy
        cleared = {"rule.0.effect": ""}
        await console.post(await console.get(POLICY), cleared, button="Save the policy")
        assert SignInPolicy() == (await the_shop(console)).sign_in_policy


async def test_condition_without_a_value_is_not_any_value(tmp_path: Path) -> None:
    """Issue 7: “department =” is told, since a rule that lets people in would let in whoever has a department."""
    async with open_console(tmp_path) as console:
        before = await the_shop(console)
        typed = {"rule.0.effect": "allow", "rule.0.attributes": "department = |"}
        page = await console.post(await console.get(POLICY), typed, button="Save the policy")
        assert (422, "application_invalid") == (page.status, reason_of(page))
        assert 'id="d-rule.0.attributes"' in page.text
        assert before == await the_shop(console)
        await console.post(
            page, {"rule.0.attributes": "department = a | b\r\nlevel"}, button="Save the policy"
        )
        [rule] = (await the_shop(console)).sign_in_policy.rules
        assert (AttributeCondition("department", ("a", "b")), AttributeCondition("level")) == rule.attributes


async def test_other_conditions_keep_their_values_when_one_is_changed(tmp_path: Path) -> None:
    """Issue 7: a value that holds the sign between values is not cut in two when another line is changed."""
    async with open_console(tmp_path) as console:
        odd = AttributeCondition("department", ("a|b", "c"))
        old = PolicyRule(Effect.ALLOW, attributes=(odd, AttributeCondition("level")))
        await console.pages.change_application(sign_in_policy=SignInPolicy((old, PolicyRule(Effect.REFUSE))))
        page = await console.get(POLICY)
        text = page.form_with_button("Save the policy")[0].fields["rule.0.attributes"]
        typed = {"rule.0.attributes": text.replace("level", "grade = 1")}
        await console.post(page, typed, button="Save the policy")
        [rule, _] = (await the_shop(console)).sign_in_policy.rules
        assert (odd, AttributeCondition("grade", ("1",))) == rule.attributes


async def test_separator_of_white_space_can_be_typed_for_a_store(tmp_path: Path) -> None:
    """Issue 7: what separates values may be a space, which a form would otherwise cut away; nothing is none."""
    async with open_console(tmp_path) as console:
        new = await console.get("/console/user-stores/new?type=own_database")
        await console.post(new, {"description.domain": "own"}, button="Add the store")
        rules, name = "/console/user-stores/OWN/rules", "description.multi_value_separator"
        refused = await console.post(await console.get(rules), {name: ""}, button="Save")
        assert (422, "form_invalid") == (refused.status, reason_of(refused))
        assert "," == await _separator(console)
        await console.post(refused, {name: " "}, button="Save")
        assert " " == await _separator(console)


async def _separator(console: ConsoleHouse) -> str:
    record = await console.house.doors.user_store_records.find("OWN")
    assert record is not None
    return record.description.multi_value_separator
