"""An identity provider whose people change: each has two versions, told apart by the address in the hint.

Whoever comes as ``c0000001@one.acme.example`` and then as ``c0000001@two.acme.example`` is the same subject with
five other attributes, and with three groups that the other version does not have.
"""

import asyncio
import sys

import uvloop

from benchmarks.job import hint_of
from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Habits, Person, RegisteredClient

PEOPLE = 50
PREFIX = "c"
GROUPS = ("auditors", "builders", "cooks")


def name_of(number: int) -> str:
    """Return the subject of a person."""
    return f"{PREFIX}{number:07d}"


def versions_of(person: str) -> tuple[Person, Person]:
    """Return a person as one and as the other."""
    return _version(person, 0, "Ada", "Alder", "en", GROUPS), _version(person, 1, "Beda", "Birch", "de", ())


def _version(
    person: str, visit: int, given: str, family: str, locale: str, groups: tuple[str, ...]
) -> Person:
    claims = {
        "email": hint_of(person, visit), "email_verified": True, "preferred_username": person,
        "given_name": given, "family_name": family, "name": f"{given} {family}", "locale": locale,
        "groups": list(groups),
    }  # fmt: skip
    return Person(person, claims)


async def serve(client: str) -> None:
    """Serve until interrupted."""
    people = [version for number in range(1, PEOPLE + 1) for version in versions_of(name_of(number))]
    habits = Habits(id_token_alg="RS256")
    async with FakeOIDCProvider(
        clients=[RegisteredClient.parse(client)], people=people, habits=habits
    ) as provider:
        print(f"people who change are at {provider.issuer}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
