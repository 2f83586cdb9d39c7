"""Groups that were too many for the token are asked for apart, or nobody is signed in without them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from aiohttp import web
from tests.attack_summary import ACCEPTED, AttackRow, Tell
from tests.contract.upstream.travelling import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    StandingClock,
    Traveller,
)

from jitney.errors import UpstreamUnavailable
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import HostPort
from jitney.testing.fake_oidc_provider import FakeOIDCProvider, Person, RegisteredClient
from jitney.upstream.oidc.groups_overage import fetch_groups, is_overage

pytestmark = pytest.mark.anyio

POINTER = {
    "_claim_names": {"groups": "src1"},
    "_claim_sources": {"src1": {"endpoint": "https://graph.elsewhere.example/users/ada/getMemberObjects"}},
}


@dataclass
class Graph:
    """An endpoint that answers page by page what it is told to."""

    base: str = ""
    pages: list[Any] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    status: int = 200

    async def answer(self, request: web.Request) -> web.Response:
        self.calls.append((request.path_qs, request.headers.get("Authorization", "")))
        page = self.pages[min(int(request.query.get("page", "0")), len(self.pages) - 1)]
        body = page if isinstance(page, bytes) else orjson.dumps(page)
        return web.Response(body=body, status=self.status, content_type="application/json")

    @property
    def url(self) -> str:
        return f"{self.base}/me/transitiveMemberOf?$select=id&$top=999"

    def next_link(self, number: int) -> dict[str, str]:
        return {"@odata.nextLink": f"{self.base}/me/transitiveMemberOf?page={number}"}


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    graph, application = Graph(), web.Application()
    application.add_routes([web.get("/me/transitiveMemberOf", graph.answer)])
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    graph.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield graph
    await runner.cleanup()


@pytest.fixture
async def provider(clock: StandingClock) -> AsyncIterator[FakeOIDCProvider]:
    people = [
        Person("many", {"name": "Many", **POINTER}),
        Person("hinted", {"name": "Hinted", "hasgroups": True}),
        Person("few", {"name": "Few", "groups": ["g1"]}),
        Person("none", {"name": "None"}),
    ]
    client = RegisteredClient(CLIENT_ID, CLIENT_SECRET, (REDIRECT_URI,))
    async with FakeOIDCProvider(clients=[client], people=people, now=clock.provider_time) as provider:
        yield provider


@pytest.fixture
async def outgoing(provider: FakeOIDCProvider, graph: Graph) -> AsyncIterator[OutgoingClient]:
    ports = (provider.port, int(graph.base.rpartition(":")[2]))
    async with OutgoingClient(allowed={HostPort("127.0.0.1", port) for port in ports}) as outgoing:
        yield outgoing


async def sign_in(traveller: Traveller, person: str) -> Any:
    traveller.provider.habits.default_person = person
    return await traveller.travel()


@pytest.mark.parametrize("person", ["many", "hinted"])
async def test_overage_is_answered_from_the_configured_place(
    traveller: Traveller, graph: Graph, person: str
) -> None:
    """R-037: all groups are there, over several pages, once each, and as signed as the token that left them out."""
    graph.pages = [
        {"value": [{"id": "g1"}, {"id": "g2"}], **graph.next_link(1)},
        {"value": [{"id": "g2", "@odata.type": "#microsoft.graph.group"},
                   {"id": "admin", "@odata.type": "#microsoft.graph.directoryRole"}], **graph.next_link(2)},
        {"value": [{"id": "g3"}], "@odata.nextLink": None},
    ]  # fmt: skip
    traveller.configure(groups_endpoint=graph.url)
    identity = await sign_in(traveller, person)
    assert ["g1", "g2", "g3"] == identity.claims["groups"]
    assert "groups" in identity.signed_claims
    assert set() == {"_claim_names", "_claim_sources", "hasgroups"} & set(identity.claims)
    assert (3, {True}) == (len(graph.calls), {header.startswith("Bearer ") for _, header in graph.calls})


@pytest.mark.parametrize("person", ["many", "hinted"])
async def test_overage_never_looks_like_no_groups(traveller: Traveller, graph: Graph, person: str) -> None:
    """R-037: without a place to ask nobody comes in as somebody without groups; those whose groups are told do."""
    with pytest.raises(UpstreamUnavailable) as refused:
        await sign_in(traveller, person)
    assert ("groups_overage_unanswered", "groups_endpoint_missing") == (
        refused.value.code, refused.value.details["flaw"],
    )  # fmt: skip
    assert ["g1"] == (await sign_in(traveller, "few")).claims["groups"]
    assert "groups" not in (await sign_in(traveller, "none")).claims
    assert [] == graph.calls


async def test_overage_of_userinfo_is_answered_and_signs_nothing(traveller: Traveller, graph: Graph) -> None:
    """R-052: where only UserInfo says that groups are left out, they are asked for, and are no more than told."""
    traveller.provider.habits.claims_in_id_token = False
    with pytest.raises(UpstreamUnavailable) as refused:
        await sign_in(traveller, "many")
    graph.pages = [{"value": [{"id": "g1"}]}]
    traveller.configure(groups_endpoint=graph.url)
    identity = await sign_in(traveller, "many")
    assert ("groups_overage_unanswered", ["g1"]) == (refused.value.code, identity.claims["groups"])
    assert "groups" not in identity.signed_claims
    assert "_claim_names" not in identity.claims


BAD_PAGES: dict[str, tuple[Any, int, str]] = {
    "refused": ({"value": []}, 401, "status"),
    "breakdown": ({"value": []}, 500, "status"),
    "html": (b"<html>", 200, "json_malformed"),
    "empty": (b"", 200, "json_malformed"),
    "duplicate_keys": (b'{"value":[],"value":[{"id":"admin"}]}', 200, "json_duplicate_json_key"),
    "deep_json": (b'{"value":' + b"[" * 20_000 + b"]" * 20_000 + b"}", 200, "json_too_deep"),
    "huge": (b'{"value":[],"padding":"' + b"x" * 600_000 + b'"}', 200, "json_too_large"),
    "no_list": ({}, 200, "malformed"),
    "an_object": ({"value": {"id": "g1"}}, 200, "malformed"),
    "bare_ids": ({"value": ["g1"]}, 200, "malformed"),
    "numeric_id": ({"value": [{"id": 7}]}, 200, "malformed"),
    "empty_id": ({"value": [{"id": ""}]}, 200, "malformed"),
    "long_id": ({"value": [{"id": "g" * 256}]}, 200, "malformed"),
    "next_page_elsewhere": (
        {"value": [], "@odata.nextLink": "https://elsewhere.example/?page=1"},
        200,
        "origin",
    ),
    "next_page_a_number": ({"value": [], "@odata.nextLink": 7}, 200, "origin"),
    "next_page_relative": ({"value": [], "@odata.nextLink": "/me?page=1"}, 200, "upstream_url_refused"),
}


@pytest.mark.parametrize("name", BAD_PAGES)
async def test_page_that_cannot_be_read_is_no_answer(
    outgoing: OutgoingClient, graph: Graph, name: str, tell: Tell
) -> None:
    """R-037, R-071, R-077: a page that fails ends in a refusal, and no token goes to another origin."""
    page, status, flaw = BAD_PAGES[name]
    graph.pages, graph.status = [page], status
    with pytest.raises(UpstreamUnavailable) as refused:
        await fetch_groups(outgoing, graph.url, "a-token")
    graph.pages, graph.status = [{"value": [{"id": "g1"}]}], 200
    honest = await fetch_groups(outgoing, graph.url, "a-token")
    twin = ACCEPTED if honest == ("g1",) else "not accepted"
    tell(AttackRow("groups page", name, "groups_overage_unanswered", refused.value.code, twin))
    assert ("groups_overage_unanswered", flaw) == (refused.value.code, refused.value.details["flaw"])
    assert "a-token" not in repr(refused.value)
    assert ("g1",) == honest


async def test_pages_without_end_are_left(outgoing: OutgoingClient, graph: Graph) -> None:
    """R-075: twenty pages are read, and not one more."""
    graph.pages = [{"value": [{"id": "g1"}], **graph.next_link(0)}]
    with pytest.raises(UpstreamUnavailable) as refused:
        await fetch_groups(outgoing, graph.url, "a-token")
    assert ("too_many_pages", 20) == (refused.value.details["flaw"], len(graph.calls))
    graph.pages = [{"value": [{"id": f"g{page}"}], **graph.next_link(page + 1)} for page in range(19)]
    graph.pages.append({"value": [{"id": "g19"}]})
    assert 20 == len(await fetch_groups(outgoing, graph.url, "a-token"))


@pytest.mark.parametrize(
    ("claims", "is_left_out"),
    [
        (POINTER, True),
        ({"hasgroups": True}, True),
        ({"hasgroups": "true"}, True),
        ({"hasgroups": 1}, True),
        ({"_claim_names": "groups"}, True),
        ({"_claim_names": {"address": "src1"}}, False),
        ({"_claim_names": None}, False),
        ({"hasgroups": False}, False),
        ({}, False),
    ],
)
def test_what_cannot_be_understood_may_be_an_overage(claims: dict[str, Any], *, is_left_out: bool) -> None:
    """R-037: a sign that is unclear is read as groups that are missing, never as groups that are none."""
    assert is_left_out is is_overage(claims)
