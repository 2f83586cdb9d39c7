"""Groups that were too many for a token: see that they are missing, and ask for them apart.

Microsoft Entra puts at most 200 groups into an ID token; of somebody who has more it puts none, and says so by
``_claim_names`` (OIDC Core 5.6.2) or ``hasgroups``.
That never may look like "no groups": the groups that a person was taken out of would come back, or those that bar
somebody from something would be gone.
"""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from jitney.errors import JitneyError
from jitney.jose.limits import parse_json_object
from jitney.outgoing.client import OutgoingClient
from jitney.outgoing.urls import parse_target
from jitney.upstream.bearer_call import get_with_token
from jitney.upstream.faults import refusal

GROUPS: Final = "groups"
POINTERS: Final = frozenset({"_claim_names", "_claim_sources", "hasgroups"})
"""Claims about where other claims are; they say nothing about the person."""

MOST_PAGES: Final = 20
PAGE_MAX_BYTES: Final = 512 * 1024
_ID_MAX_CHARACTERS: Final = 255
_GROUP_KIND: Final = "#microsoft.graph.group"
_CODE: Final = "groups_overage_unanswered"


def is_overage(claims: Mapping[str, object]) -> bool:
    """Say whether a document leaves the person's groups out; what cannot be understood might."""
    names = claims.get("_claim_names")
    points_away = GROUPS in names if isinstance(names, dict) else names is not None
    return points_away or claims.get("hasgroups") not in (None, False, "false")


async def fetch_groups(outgoing: OutgoingClient, endpoint: str | None, access_token: str) -> tuple[str, ...]:
    """Return the ids of all groups, page by page (Microsoft Graph, *Paging*), or refuse.

    The address in the document itself is not used: it is a stranger's choice of where our token goes; nor is a next
    page on another origin (R-077).
    Raises ``UpstreamUnavailable`` with ``groups_overage_unanswered``, whose ``flaw`` says why.
    """
    if endpoint is None:
        raise refusal(_CODE, flaw="groups_endpoint_missing")
    found: dict[str, None] = {}
    page: str | None = endpoint
    for _ in range(MOST_PAGES):
        document = await _fetch_page(outgoing, page, access_token)
        found.update(dict.fromkeys(_ids(document)))
        page = _next_page(document, endpoint)
        if page is None:
            return tuple(found)
    raise refusal(_CODE, flaw="too_many_pages")


async def _fetch_page(outgoing: OutgoingClient, page: str, access_token: str) -> Mapping[str, object]:
    try:
        answer = await get_with_token(outgoing, page, access_token, place="groups")
        document = parse_json_object(answer.body, max_bytes=PAGE_MAX_BYTES)
    except JitneyError as fault:
        raise refusal(_CODE, flaw=fault.code) from fault
    if answer.status != 200:
        raise refusal(_CODE, flaw="status", status=answer.status)
    return document


def _ids(document: Mapping[str, object]) -> Iterator[str]:
    """Yield the ids of a page; directory roles and other kinds, which a token's ``groups`` never has, are left."""
    entries = document.get("value")
    if not isinstance(entries, list):
        raise refusal(_CODE, flaw="malformed")
    for entry in cast("list[object]", entries):
        members = cast("Mapping[str, object]", entry) if isinstance(entry, dict) else {}
        group = members.get("id")
        if not isinstance(group, str) or not 0 < len(group) <= _ID_MAX_CHARACTERS:
            raise refusal(_CODE, flaw="malformed")
        if members.get("@odata.type", _GROUP_KIND) == _GROUP_KIND:
            yield group


def _next_page(document: Mapping[str, object], endpoint: str) -> str | None:
    link = document.get("@odata.nextLink")
    if link is None:
        return None
    if not isinstance(link, str) or _origin(link) != _origin(endpoint):
        raise refusal(_CODE, flaw="origin")
    return link


def _origin(url: str) -> tuple[object, ...]:
    try:
        target = parse_target(url)
    except JitneyError as fault:
        raise refusal(_CODE, flaw=fault.code) from fault
    return (target.scheme, target.host_port)
