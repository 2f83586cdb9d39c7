"""Fixtures: the verbs of second factors over memory and over SQLite, with Ada."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.doors import memory_doors, opened, sql_doors
from tests.journeys.factors.factor_house import FactorHouse, person


@pytest.fixture(params=["memory", "sqlite"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FactorHouse]:
    """One node; Ada and Eve have an account each, and a verified address."""
    if request.param == "memory":
        house = FactorHouse(memory_doors())
        await house.welcome(person(), person("eve"))
        yield house
        return
    async with opened(f"sqlite:///{tmp_path}/jitney.db") as database:
        house = FactorHouse(sql_doors(database))
        await house.welcome(person(), person("eve"))
        yield house
