"""The job that goes through the people of removed providers: one node at a time, and no name in the log."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs
from tests.end_to_end.provider_crowd import ENHANCED, Crowd
from tests.journeys.cli.shell import Shell
from tests.journeys.cli.test_cli_provider_removal import ADD

from jitney.administration.operator import COMMAND_LINE
from jitney.cli.wiring import House, Wiring
from jitney.jobs import REMOVALS, REMOVALS_LEASE_SECONDS
from jitney.model.provider_removal import ProviderRemoval, RemovalPhase

CROWD = Crowd(plain=5)


@pytest.fixture
def wiring(shell: Shell) -> Wiring:
    """A home with a provider and its crowd."""
    shell.environment["SECRET"] = "s" * 40
    shell.write("conf/deployment.toml", ENHANCED)
    assert 0 == shell.run(*ADD).exit_code
    assert 0 == shell.run("idp", "add", "other", *ADD[3:]).exit_code
    ids = [shell.json("idp", "show", name)["id"] for name in ("acme", "other")]
    shell.commit(*(change for changes in CROWD.changes(*ids) for change in changes))
    return Wiring({"JITNEY_HOME": str(shell.home), "SECRET": "s" * 40}, shell.home, None, lambda level: None)


async def begin(house: House) -> ProviderRemoval:
    removing = house.verbs.provider_removing
    return await removing.begin(COMMAND_LINE, await removing.plan(COMMAND_LINE, "acme"))


def test_only_the_node_with_the_lease_goes_on(wiring: Wiring) -> None:
    """R-147: while another node has the lease nothing is done; when it is given back, all is."""

    async def work(house: House) -> None:
        removal = await begin(house)
        await house.jobs.leases.claim(REMOVALS, "another node", REMOVALS_LEASE_SECONDS)
        await house.jobs.clear_providers()
        assert removal == await house.doors.provider_removals.find(removal.id)
        await house.jobs.leases.claim(REMOVALS, "another node", 0)
        await house.jobs.clear_providers()
        ended = await house.doors.provider_removals.find(removal.id)
        assert ended is not None
        assert (RemovalPhase.DONE, ended.planned) == (ended.phase, ended.done)
        assert await house.jobs.leases.claim(REMOVALS, "another node", 1), "it was given back"

    wiring.run(work)


def test_node_that_loses_the_lease_stops(wiring: Wiring) -> None:
    """R-147: whoever is too slow to keep the lease leaves the rest to the node that has it."""

    async def work(house: House) -> None:
        removal = await begin(house)
        slow = replace(house.jobs, node="slow")
        walk = slow.work_off(removal.id)
        assert isinstance(await anext(walk), ProviderRemoval)
        await slow.leases.claim(REMOVALS, "slow", 0)
        await house.jobs.clear_providers()
        assert None is await anext(walk, None)
        ended = await house.doors.provider_removals.find(removal.id)
        assert ended is not None
        assert (RemovalPhase.DONE, ended.planned) == (ended.phase, ended.done)

    wiring.run(work)


def test_log_says_how_it_ended_without_a_name(wiring: Wiring) -> None:
    """R-123: the log has ids and numbers, and nobody's name or address."""

    async def work(house: House) -> None:
        await begin(house)
        with capture_logs() as logs:
            await house.jobs.clear_providers()
        (line,) = logs
        assert ("provider_removal_done", CROWD.total) == (line["event"], line["people"])
        assert not [word for word in ("plain", "acme.example", "password-") if word in str(logs)]

    wiring.run(work)
