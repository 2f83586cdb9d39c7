"""Searches: a few entries at once, or all page by page (RFC 2696); never more than was asked for."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from jitney.userstores.ldap.wire.answers import Answer, Code, Found, Refused
from jitney.userstores.ldap.wire.connection import DirectoryConnection, Search
from jitney.userstores.ldap.wire.controls import PAGES, pages
from jitney.userstores.ldap.wire.faults import fault, fault_in_reading

_DOMAIN_PARTITIONS = ("DC=DomainDnsZones,", "DC=ForestDnsZones,", "CN=Configuration,")
_MOST_PAGES = 100_000


async def search_few(connection: DirectoryConnection, search: Search) -> Sequence[Found]:
    """Return at most ``search.at_most`` entries; that there are more is no fault.

    Raises ``UserStoreUnavailable``: also where the directory cut the answer shorter than that, or referred us.
    """
    answer = await connection.search(search)
    if answer.code == Code.SIZE_LIMIT and len(answer.found) >= search.at_most > 0:
        return answer.found
    return _whole(answer).found


async def search_dn(connection: DirectoryConnection, dn: str, attributes: Sequence[str]) -> Found | None:
    """Return the entry of exactly this name, ``None`` where there is none; raises ``UserStoreUnavailable``."""
    answer = await connection.search(Search(dn, attributes=attributes, scope=0))
    if answer.code in {Code.NO_SUCH_OBJECT, Code.INVALID_DN}:
        return None
    return next(iter(_whole(answer).found), None)


async def search_pages(
    connection: DirectoryConnection, search: Search, page_size: int
) -> AsyncIterator[Sequence[Found]]:
    """Walk through everything that is found, a page at a time; raises ``UserStoreUnavailable``.

    The connection belongs to the walk: a directory forgets where it was once it is asked for something else.
    """
    paging = pages(page_size)
    for _ in range(_MOST_PAGES):
        answer = _whole(await connection.search(replace(search, at_most=0, controls=(paging,))))
        yield answer.found
        cookies = [control.cookie for control in answer.controls if control.controlType == PAGES]
        if not cookies or not cookies[0]:
            return
        paging.cookie = cookies[0]
    raise fault("user_store_answer_cut")


async def search_all(connection: DirectoryConnection, search: Search, page_size: int) -> Sequence[Found]:
    """Return everything that is found; raises ``UserStoreUnavailable``."""
    found: list[Found] = []
    async for page in search_pages(connection, search, page_size):
        found += page
    return found


def _whole(answer: Answer) -> Answer:
    """Return an answer that is all there is; raises ``UserStoreUnavailable``."""
    if answer.code != Code.SUCCESS:
        raise fault_in_reading(Refused(answer.code, answer.text))
    if not all(_is_of_domain(referral) for referral in answer.referrals):
        raise fault("user_store_referral")
    return answer


def _is_of_domain(referral: str) -> bool:
    """Say whether a reference is one of those with which Active Directory ends every search of a whole domain."""
    place = referral.partition("://")[2].partition("/")[2]
    return place.startswith(_DOMAIN_PARTITIONS)
