"""The one place where the command line meets the switchboard."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from jitney import app
from jitney.administration.declared.declarative import Declarations
from jitney.cli.worker_process import end_with_parent
from jitney.logs import configure_logs
from jitney.settings import Reading, Settings, load_settings, read_settings

House = app.House
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wiring:
    """What every command is given: where the settings come from, and the way into the house."""

    environment: Mapping[str, str]
    folder: Path
    config: Path | None = None
    configure_logs: Callable[[str], None] = configure_logs

    def read(self) -> Reading:
        """Read and judge the settings without using them."""
        return read_settings(self.environment, config=self.config, folder=self.folder)

    def settings(self) -> Settings:
        """Return the settings; raises ``Misconfigured``."""
        return load_settings(self.environment, config=self.config, folder=self.folder)

    def run(
        self,
        work: Callable[[House], Awaitable[T]],
        *,
        settings: Settings | None = None,
        log_level: str = "error",
    ) -> T:
        """Open the house, do the work in it, close it; raises every fault of both.

        What the doors would log of a failure is printed by the command itself, so only errors are logged.
        """
        self.configure_logs(log_level)
        return asyncio.run(_in_house(settings or self.settings(), work))


async def _in_house(settings: Settings, work: Callable[[House], Awaitable[T]]) -> T:
    async with app.build(settings) as house:
        return await work(house)


def declarations_of(house: House) -> Declarations:
    """Return the verb behind ``jitney apply``."""
    verbs = house.verbs
    return Declarations(
        verbs.identity_providers, verbs.applications, verbs.roles, verbs.users, verbs.account_states,
        verbs.purposes, verbs.account_links, verbs.user_stores, verbs.provider_removing,
    )  # fmt: skip


def server_of(settings: Settings) -> app.Server:
    """Return the application that a server process runs: called in that process, which may be a new one."""
    configure_logs(settings.log_level)
    end_with_parent()
    return app.Server(settings)
