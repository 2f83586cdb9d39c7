"""The overview: failures first, what needs somebody, how many signed in, and the first steps."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.web.console.console_house import ConsoleHouse, open_console
from tests.web.console.records_at_hand import HOSTILE, keep_outcome

from jitney.model.changes import RemoveApplication, RemoveIdentityProvider
from jitney.model.outcome import OutcomeKind
from jitney.model.policy import ProvisioningPolicy

pytestmark = pytest.mark.anyio

REFUSED = OutcomeKind.REFUSED


async def test_overview_says_failures_first(tmp_path: Path) -> None:
    """Issue 7: the overview names the most frequent refusals before all else, each with the list of them."""
    async with open_console(tmp_path) as house:
        kept = [await keep_outcome(house, REFUSED, "name_taken", idp="idp-acme") for _ in range(3)]
        await keep_outcome(house, REFUSED, "user_locked", idp="idp-acme")
        old = await keep_outcome(house, REFUSED, "consent_declined", idp="idp-acme", ago=timedelta(hours=25))
        page = await house.get("/console")
        words = ("The user name is taken", "The account is locked", "Needs somebody", ">Sign-ins</h2>")
        places = [page.text.index(each) for each in words]
        assert (200, sorted(places)) == (page.status, places)
        assert "consent" not in page.text.split("Needs somebody")[0].split("<h1>")[1]
        listed = await house.root.follow(page.links["The user name is taken"])
        assert all(each.reference in listed.text for each in kept), listed.text
        assert old.reference not in listed.text


async def test_chart_says_the_same_as_sentence_picture_and_table(tmp_path: Path) -> None:
    """Issue 7: the chart is a picture, a sentence for whoever does not see it, and a table."""
    async with open_console(tmp_path) as house:
        before = await _well(house)
        for _ in range(4):
            await keep_outcome(house, REFUSED, "name_taken", idp="idp-acme")
        await keep_outcome(house, OutcomeKind.PENDING, "answers_wanted", idp="idp-acme")
        await keep_outcome(house, REFUSED, "name_taken", idp="idp-acme", ago=timedelta(days=3))
        today, week, month = [
            (await house.get(f"/console?span={span}")).text for span in ("day", "week", "month")
        ]
        said = f"{before} went well, 1 not finished, {{}} refused"
        assert f'role="img" aria-label="{before + 5} sign-ins in the last 24 hours: {said.format(4)}' in today
        assert [said.format(5) in text for text in (today, week, month)] == [False, True, True]
        assert '<td class="number" data-label="Refused">4</td>' in today
        assert [text.count('class="part refused"') for text in (today, week)] == [3, 3]
        assert "style=" not in today
        assert "<script" not in today


async def test_overview_shows_a_fresh_install_the_way(tmp_path: Path) -> None:
    """Issue 7: the first steps name what is next, and go away with the first sign-in through a provider."""
    async with open_console(tmp_path) as house:
        doors = house.house.doors
        await doors.work.commit(RemoveApplication("shop", 1))
        await house.pages.change_provider(policy=ProvisioningPolicy(enabled=False))
        assert ["done", "next", "", ""] == _marks((await house.get("/console")).text)
        await house.pages.change_provider(policy=ProvisioningPolicy(enabled=True))
        assert ["done", "done", "next", ""] == _marks((await house.get("/console")).text)
        auditor = await house.browser_of("audit")
        assert "/console/new-application" not in (await house.get("/console", auditor)).text
    async with open_console(tmp_path / "second") as house:
        assert "First steps" in (await house.get("/console")).text
        assert "code" in await house.pages.sign_in()
        assert "First steps" not in (await house.get("/console")).text


async def test_overview_of_an_empty_house_adds_the_first_provider(tmp_path: Path) -> None:
    """Issue 7: where nothing is, the first step is a provider."""
    async with open_console(tmp_path) as house:
        doors = house.house.doors
        await doors.work.commit(RemoveIdentityProvider("idp-acme", 1))
        doors.identity_providers.forget()
        page = await house.get("/console")
        assert "next" == _marks(page.text)[0]
        assert page.links["Add"].endswith("/console/identity-providers/add")


async def test_overview_shows_what_a_provider_is_called_as_text(tmp_path: Path) -> None:
    """R-106: names of providers and applications are text on the overview, whatever stands in them."""
    async with open_console(tmp_path) as house:
        await house.pages.change_provider(display_name=HOSTILE, enabled=False)
        await house.pages.change_application(name=HOSTILE, identity_providers=("acme", "gone"))
        await keep_outcome(house, REFUSED, "name_taken", idp=HOSTILE)
        page = await house.get("/console")
        assert HOSTILE not in page.text
        assert page.text.count("&lt;script&gt;") >= 3
        assert "which is switched off" in page.text
        assert "which there is not" in page.text


async def test_stranger_sees_no_overview(tmp_path: Path) -> None:
    """R-110: the overview is for operators of every role, and for nobody else."""
    async with open_console(tmp_path) as house:
        for name, status in (("desk", 200), ("audit", 200), ("eve", 403)):
            page = await house.get("/console", await house.browser_of(name))
            assert status == page.status, name
        assert "operator_right_missing" == page.response.headers["jitney-reason"]


def _marks(html: str) -> list[str]:
    cards = html.split('<li class="card step')[1:]
    return ["done" if ">done<" in card else "next" if ">next<" in card else "" for card in cards]


async def _well(house: ConsoleHouse) -> int:
    listed = await house.house.doors.records.counts(
        house.house.doors.clock.now() - timedelta(days=1),
        house.house.doors.clock.now() + timedelta(days=1),
        step_seconds=10**6,
    )
    return sum(each.count for each in listed)
