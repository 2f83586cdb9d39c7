"""The Just-In-Time Provisioning page: the guide's choices in its words, and the look before a save."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from tests.servers.http_browser import Hop
from tests.web.console.both_versions_house import save_chosen
from tests.web.console.console_house import ConsoleHouse, heading_of, open_console, path_of
from tests.web.pages.pages_house import reason_of

from jitney.errors import UserStoreUnavailable
from jitney.model.changes import AddRole, RecordArrival
from jitney.model.claims import ClaimMapping
from jitney.model.federated_identity import FederatedIdentity
from jitney.model.identity_provider import IdentityProvider
from jitney.model.policy import (
    AccountLookup,
    AsInUsername,
    FixedPlacement,
    OnNameTaken,
    PromptMode,
    ProvisioningPolicy,
    SyncMode,
)
from jitney.model.recorded_arrival import RecordedArrival
from jitney.userstores.sql import SQLUserStore

pytestmark = pytest.mark.anyio

ACME = "/console/identity-providers/acme"
PAGE = f"{ACME}/provisioning"
MODES = {
    "Prompt for username, password and consent": PromptMode.USERNAME_PASSWORD_AND_CONSENT,
    "Prompt for password and consent": PromptMode.PASSWORD_AND_CONSENT,
    "Prompt for consent": PromptMode.CONSENT,
    "Provision silently": PromptMode.SILENT,
}


async def acme(console: ConsoleHouse) -> IdentityProvider:
    """The provider as it is kept."""
    found = await console.house.doors.stored_identity_providers.find_by_name("acme")
    assert found is not None
    return found


def label_of(page: Hop, value: str, name: str) -> str:
    """The label of a radio button."""
    found = re.search(rf'id="([^"]+)" name="{name}" value="{value}"', page.text)
    assert found is not None, (name, value)
    label = re.search(rf'<label for="{found.group(1)}">(.*?)</label>', page.text)
    assert label is not None
    return label.group(1)


async def test_page_has_the_choices_of_the_guide_in_its_words(tmp_path: Path) -> None:
    """Issue 7: the switch, the store with “As in username”, and the four modes are called as in the guide."""
    async with open_console(tmp_path) as console:
        await console.pages.change_provider(policy=ProvisioningPolicy())
        page = await console.get(PAGE)
        assert "Just-In-Time Provisioning" in page.text
        assert "No Provisioning" == label_of(page, "none", "provisioning")
        assert "Always provision to User Store Domain" == label_of(page, "always", "provisioning")
        options = re.findall(r"<option value=\"([^\"]+)\"", page.text.partition('name="store"')[2])
        assert ["PRIMARY", "As in username"] == options[:2]
        for label, mode in MODES.items():
            assert label == label_of(page, mode.value, "policy.prompt_mode")
        form, _ = page.form_with_button("Update")
        chosen = [form.fields[name] for name in ("provisioning", "store", "policy.prompt_mode")]
        assert ["none", "PRIMARY", "silent"] == chosen


@pytest.mark.parametrize("mode", MODES.values())
async def test_each_mode_is_saved_at_once_where_nobody_fares_otherwise(
    tmp_path: Path, mode: PromptMode
) -> None:
    """Issue 7: the guide's steps 4 to 6 save each mode, at once where nobody is recorded who fares otherwise."""
    async with open_console(tmp_path) as console:
        await console.pages.change_provider(policy=ProvisioningPolicy())
        typed = {"provisioning": "always", "store": "PRIMARY", "policy.prompt_mode": mode.value}
        page = await console.post(await console.get(PAGE), typed, button="Update")
        assert (200, PAGE) == (page.status, path_of(page))
        assert "Of the recorded sign-ins none would go otherwise." in page.text
        assert ProvisioningPolicy(enabled=True, prompt_mode=mode) == (await acme(console)).policy
        page = await console.post(page, {"provisioning": "none"}, button="Update")
        assert not (await acme(console)).policy.enabled


async def test_every_choice_of_the_page_reaches_the_policy(tmp_path: Path) -> None:
    """Issue 7: as in username, sync, linking, and what happens when something is in the way are all kept."""
    async with open_console(tmp_path) as console:
        typed = {
            "store": "As in username", "policy.attribute_sync": "override_all", "policy.role_sync": "override_all",
            "policy.linking.enabled": "on", "policy.linking.lookups.0.federated": "email",
            "policy.linking.lookups.0.local": "email", "policy.linking.trusted_email_domains": "acme.example",
            "policy.linking.on_unproven_match": "refuse", "policy.on_name_taken": "suffix",
            "policy.linking.skip_provisioning_if_nobody_matches": "on", "policy.on_unknown_domain": "refuse",
            "policy.on_provisioning_failure": "continue", "policy.username_template": "{given_name}.{family_name}",
            "policy.anchor_claim": "tid",
        }  # fmt: skip
        page = await console.post(await console.get(PAGE), typed, button="Update")
        if "Save these changes" in page.text:
            page = await console.post(page, button="Save these changes")
        assert PAGE == path_of(page)
        policy = (await acme(console)).policy
        assert AsInUsername() == policy.placement
        assert SyncMode.OVERRIDE_ALL is policy.attribute_sync
        assert (AccountLookup("email", "email"),) == policy.linking.lookups
        assert ("acme.example",) == policy.linking.trusted_email_domains
        assert OnNameTaken.SUFFIX is policy.on_name_taken
        assert ("{given_name}.{family_name}", "tid") == (policy.username_template, policy.anchor_claim)
        assert (True, "refuse", "continue", "refuse") == (
            policy.linking.skip_provisioning_if_nobody_matches, policy.on_unknown_domain.value,
            policy.on_provisioning_failure.value, policy.linking.on_unproven_match.value,
        )  # fmt: skip


async def test_preview_says_whose_sign_in_would_go_otherwise(tmp_path: Path) -> None:
    """Issue 7: before a policy is saved under which somebody fares otherwise, it is said who, and how."""
    async with open_console(tmp_path) as console:
        await console.pages.sign_in()
        before = await acme(console)
        page = await console.post(await console.get(PAGE), {"provisioning": "none"}, button="Update")
        assert (200, "Acme: look before you save") == (page.status, heading_of(page))
        assert "Always provision to User Store Domain" in page.text
        assert "No Provisioning" in page.text
        assert "Ada" in page.text
        assert before == await acme(console)
        page = await console.post(page, button="Save these changes")
        assert PAGE == path_of(page)
        assert "Saved." in page.text
        assert not (await acme(console)).policy.enabled


async def test_back_from_the_preview_keeps_what_was_typed(tmp_path: Path) -> None:
    """Issue 7: who goes back to the form finds it as they had left it, and nothing is saved."""
    async with open_console(tmp_path) as console:
        await console.pages.sign_in()
        before = await acme(console)
        typed = {"provisioning": "none", "policy.username_template": "{given_name}"}
        page = await console.post(await console.get(PAGE), typed, button="Update")
        page = await console.post(page, button="Back to the form")
        form, _ = page.form_with_button("Update")
        assert ["none", "{given_name}"] == [form.fields[name] for name in typed]
        assert before == await acme(console)


async def test_risky_policy_is_shown_with_its_warning_first(tmp_path: Path) -> None:
    """Issue 7: a policy that believes the provider about every address is saved on a second yes alone."""
    async with open_console(tmp_path) as console:
        before = await acme(console)
        typed = {
            "policy.linking.enabled": "on", "policy.linking.trusted_email_domains": "*",
            "policy.linking.lookups.0.federated": "email", "policy.linking.lookups.0.local": "email",
        }  # fmt: skip
        page = await console.post(await console.get(PAGE), typed, button="Update")
        assert "believes this provider about every address in the world" in page.text
        assert before == await acme(console)
        await console.post(page, button="Save these changes")
        assert ("*",) == (await acme(console)).policy.linking.trusted_email_domains


async def test_store_that_there_is_not_is_refused_beside_the_select(tmp_path: Path) -> None:
    """jit.md 2: a store that does not exist cannot be chosen; the one that does is."""
    async with open_console(tmp_path) as console:
        before = await acme(console)
        page = await console.post(await console.get(PAGE), {"store": "NOWHERE"}, button="Update")
        assert (422, "identity_provider_invalid") == (page.status, reason_of(page))
        assert 'id="d-store"' in page.text
        assert "There is no user store NOWHERE" in page.text
        assert before == await acme(console)
        page = await console.post(page, {"store": "PRIMARY", "policy.anchor_claim": "tid"}, button="Update")
        assert (200, FixedPlacement("PRIMARY")) == (page.status, (await acme(console)).policy.placement)


async def test_policy_that_somebody_else_saved_is_shown_beside_mine(tmp_path: Path) -> None:
    """Issue 7, bad input: the preview does not swallow a conflict: both policies are shown side by side."""
    async with open_console(tmp_path) as console:
        await console.pages.sign_in()
        preview = await console.post(await console.get(PAGE), {"provisioning": "none"}, button="Update")
        await console.pages.change_provider(
            policy=ProvisioningPolicy(enabled=True, prompt_mode=PromptMode.CONSENT)
        )
        page = await console.post(preview, button="Save these changes")
        assert (409, "changed_meanwhile") == (page.status, reason_of(page))
        assert "Prompt for consent" in page.text
        assert (await acme(console)).policy.enabled
        page = await save_chosen(console, page, {"Just-In-Time Provisioning": "mine"})
        while "Save these changes" in page.text:
            page = await console.post(page, button="Save these changes")
        assert not (await acme(console)).policy.enabled


async def test_claims_and_roles_are_looked_at_before_they_are_saved_too(tmp_path: Path) -> None:
    """Issue 7: a claim table under which somebody fares otherwise is previewed, and so is a role table."""
    async with open_console(tmp_path) as console:
        await console.house.doors.work.commit(AddRole("staff"))
        await console.pages.sign_in()
        typed = {"mappings.claims.0.remote": "email", "mappings.claims.0.local": "nickname"}
        page = await console.post(await console.get(f"{ACME}/claims"), typed, button="Update")
        assert "Acme: look before you save" == heading_of(page)
        page = await console.post(page, button="Save these changes")
        assert (ClaimMapping("email", "nickname"),) == (await acme(console)).mappings.claims
        page = await console.post(
            await console.get(f"{ACME}/roles"), {"policy.default_roles": "staff"}, button="Update"
        )
        assert "Acme: look before you save" == heading_of(page)
        await console.post(page, button="Save these changes")
        assert ("staff",) == (await acme(console)).policy.default_roles


async def test_no_provider_gives_the_role_that_administers(tmp_path: Path) -> None:
    """R-038: the role table refuses the operators' role, and takes a role that exists."""
    async with open_console(tmp_path) as console:
        await console.house.doors.work.commit(AddRole("staff"))
        before = await acme(console)
        typed = {
            "mappings.role_claim": "groups", "mappings.roles.0.remote": "x", "mappings.roles.0.local": "operator",
        }  # fmt: skip
        page = await console.post(await console.get(f"{ACME}/roles"), typed, button="Update")
        assert (422, "identity_provider_invalid") == (page.status, reason_of(page))
        assert before == await acme(console)
        page = await console.post(page, {"mappings.roles.0.local": "staff"}, button="Update")
        if "Save these changes" in page.text:
            page = await console.post(page, button="Save these changes")
        assert ["staff"] == [row.local for row in (await acme(console)).mappings.roles]


async def test_separator_of_white_space_is_kept(tmp_path: Path) -> None:
    """jit.md 8: a separator may be a single space, which a form would otherwise cut away."""
    async with open_console(tmp_path) as console:
        page = await console.post(
            await console.get(f"{ACME}/roles"), {"mappings.role_separator": " "}, button="Update"
        )
        assert f"{ACME}/roles" == path_of(page)
        assert " " == (await acme(console)).mappings.role_separator


async def test_store_that_is_gone_can_be_seen_and_left(tmp_path: Path) -> None:
    """jit.md 4: a policy that names a store which is not there any more says so, and goes over to one that is."""
    async with open_console(tmp_path) as console:
        gone = ProvisioningPolicy(enabled=True, placement=FixedPlacement("GONE"))
        await console.pages.change_provider(policy=gone)
        page = await console.get(PAGE)
        assert "GONE (disabled)" in page.text
        assert "GONE" == page.form_with_button("Update")[0].fields["store"]
        refused = await console.post(page, {"policy.anchor_claim": "tid"}, button="Update")
        assert (422, "identity_provider_invalid") == (refused.status, reason_of(refused))
        assert gone == (await acme(console)).policy
        page = await console.post(refused, {"store": "PRIMARY", "policy.anchor_claim": ""}, button="Update")
        if "Save these changes" in page.text:
            await console.post(page, button="Save these changes")
        assert ProvisioningPolicy(enabled=True) == (await acme(console)).policy


async def test_store_that_is_down_is_told_before_a_policy_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-11, Issue 7: where a store does not answer, not everybody was looked at, and that is read before a save."""
    async with open_console(tmp_path) as console:
        doors = console.house.doors
        now = doors.clock.now()
        people = [
            FederatedIdentity("idp-acme", f"x-{at}", {"preferred_username": f"xena{at}"}) for at in range(5)
        ]
        arrivals = [
            RecordArrival(RecordedArrival(f"REF-{at}", now, now + timedelta(days=1), one))
            for at, one in enumerate(people)
        ]
        await doors.work.commit(*arrivals)

        async def silent(*_args: object, **_named: object) -> None:
            raise UserStoreUnavailable("user_store_timed_out", "No answer.")

        before = await acme(console)
        typed = {"policy.on_unknown_domain": "refuse"}
        with monkeypatch.context() as down:
            down.setattr(SQLUserStore, "find_by_name_key", silent)
            page = await console.post(await console.get(PAGE), typed, button="Update")
        assert "A user store does not answer" in page.text
        assert before == await acme(console)
        page = await console.post(await console.get(PAGE), typed, button="Update")
        assert "Of the recorded sign-ins none would go otherwise." in page.text
        assert "refuse" == (await acme(console)).policy.on_unknown_domain.value
