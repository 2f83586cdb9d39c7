"""The driver: browsers that sign in, and the application they come from, in a process of their own.

Reads one job a line as JSON from standard input, drives it, and writes one line of JSON with what it saw.
Each sign-in is a browser of its own: its own cookies and its own connection, which carries authorize and
callback; nothing is followed automatically. The application's connection and those to the identity provider
are kept alive.
"""

import asyncio
import base64
import itertools
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import uvloop

from benchmarks.http_connection import Answer, Connection

_visits: Counter[str] = Counter()
"""How often each of the people who change has come so far."""


@dataclass(frozen=True, slots=True)
class Job:
    """What to drive, until ``seconds`` are over; sign-ins that are under way are finished.

    The people are ``prefix`` and a number from ``first`` on; with ``people`` they come round again after so many.
    ``changing`` people are another version of themselves each time.
    """

    host: str
    port: int
    client_id: str
    client_secret: str
    redirect_uri: str
    prefix: str
    first: int
    people: int
    browsers: int
    seconds: float
    changing: bool = False


class SignInFailedError(Exception):
    """A sign-in did not go as it must; the measurement is void."""


class Browser:
    """One worker: signs in one person after the other, a new browser each time."""

    def __init__(self, job: Job) -> None:
        self._job = job
        basic = base64.b64encode(f"{job.client_id}:{job.client_secret}".encode()).decode()
        self._authorization = f"Basic {basic}"
        self._application: Connection | None = None
        self._provider: Connection | None = None

    async def sign_in(self, person: str) -> None:
        """Walk the whole way; raises ``SignInFailedError``."""
        verifier, state, nonce = (
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(16),
            secrets.token_urlsafe(16),
        )
        browser = await Connection.open(self._job.host, self._job.port)
        try:
            answer = await browser.get(f"/oauth2/authorize?{self._request(person, verifier, state, nonce)}")
            cookies = _cookies(answer)
            upstream = urlsplit(_location(answer))
            provider = await self._to_provider(upstream.hostname or "", upstream.port or 80)
            callback = urlsplit(_location(await provider.get(f"{upstream.path}?{upstream.query}")))
            back = await browser.get(f"{callback.path}?{callback.query}", cookies)
        finally:
            browser.close()
        returned = dict(parse_qsl(urlsplit(_location(back)).query))
        if returned.get("state") != state or "code" not in returned:
            raise SignInFailedError(f"came back with {sorted(returned)}: {returned.get('error')}")
        await self._redeem(returned["code"], verifier)

    def close(self) -> None:
        """Hang up everywhere."""
        for each in (self._application, self._provider):
            if each is not None:
                each.close()

    def _request(self, person: str, verifier: str, state: str, nonce: str) -> str:
        challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return urlencode(
            {
                "response_type": "code",
                "client_id": self._job.client_id,
                "redirect_uri": self._job.redirect_uri,
                "scope": "openid profile email",
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
                "login_hint": person,
            }
        )

    async def _redeem(self, code: str, verifier: str) -> None:
        if self._application is None:
            self._application = await Connection.open(self._job.host, self._job.port)
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._job.redirect_uri,
            "code_verifier": verifier,
        }
        answer = await self._application.post_form("/oauth2/token", urlencode(fields), self._authorization)
        if answer.status != 200 or not {"id_token", "access_token"} <= json.loads(answer.body).keys():
            raise SignInFailedError(f"the token endpoint said {answer.status}: {answer.body[:300]!r}")

    async def _to_provider(self, host: str, port: int) -> Connection:
        if self._provider is None:
            self._provider = await Connection.open(host, port)
        return self._provider


def _location(answer: Answer) -> str:
    if answer.status != 303:
        raise SignInFailedError(f"expected 303, got {answer.status}: {answer.body[:2000]!r}")
    return answer.header("location")


def _cookies(answer: Answer) -> str:
    return "; ".join(value.partition(";")[0] for name, value in answer.headers if name == "set-cookie")


def hint_of(person: str, visit: int) -> str:
    """Return the address of a person who changes; it is another one than on the visit before."""
    return f"{person}@{('one', 'two')[visit % 2]}.acme.example"


async def drive(job: Job) -> dict[str, Any]:
    """Drive all browsers of a job; ``took`` is each sign-in's seconds, ``wall`` those of the whole."""
    numbers, took = itertools.count(), list[float]()
    begun = time.perf_counter()

    def next_person() -> str:
        number = next(numbers)
        person = f"{job.prefix}{job.first + (number % job.people if job.people else number):07d}"
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
            await browser.sign_in(next_person())
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
