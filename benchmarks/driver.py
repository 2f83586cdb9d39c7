"""The driver: browsers that sign in, and the application they come from, in a process of their own.

Reads one job a line as JSON from standard input, drives it, and writes one line of JSON with what it saw.
Each sign-in is a browser of its own: its own cookies and its own connection, which carries authorize and
callback; nothing is followed automatically. The application's connection and those to the identity providers
are kept alive.
"""

import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import uvloop

from benchmarks.browser import Browser
from benchmarks.job import Job, SignInFailedError, customer_of, domain_of, hint_of

_visits: Counter[str] = Counter()
"""How often each of the people who change has come so far."""


async def drive(job: Job) -> dict[str, Any]:
    """Drive all browsers of a job; ``took`` is each walk's seconds, ``wall`` those of the whole."""
    numbers, took = itertools.count(), list[float]()
    begun = time.perf_counter()

    def next_person() -> str:
        number = next(numbers)
        number = job.first + (number % job.people if job.people else number)
        person = f"{job.prefix}{number:07d}"
        if job.customers:
            return f"{person}@{domain_of(customer_of(job.prefix, number, job.customers))}"
        if not job.changing:
            return person
        _visits[person] += 1
        return hint_of(person, _visits[person])

    await asyncio.gather(
        *(_keep_on(job, next_person, took, until=begun + job.seconds) for _ in range(job.browsers))
    )
    return {"took": took, "wall": time.perf_counter() - begun}


async def _keep_on(job: Job, next_person: Callable[[], str], took: list[float], *, until: float) -> None:
    browser = Browser(job)
    try:
        while (now := time.perf_counter()) < until:
            await browser.walk(next_person())
            took.append(time.perf_counter() - now)
    finally:
        browser.close()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            seen = await drive(Job(**json.loads(line)))
        except (SignInFailedError, OSError, EOFError, KeyError) as fault:
            seen = {"failed": f"{type(fault).__name__}: {fault}"}
        print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    uvloop.run(_serve())
