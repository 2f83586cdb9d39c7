"""What operators look for stands in no address; the pages of the answers are pages like others all the same."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlsplit

import pytest
from tests.servers.http_browser import Hop
from tests.web.console.console_house import open_console, path_of
from tests.web.console.doorway_house import doorways_of, send, slip, standing
from tests.web.console.people_house import add_provisioned
from tests.web.console.records_at_hand import keep_event, keep_outcome
from tests.web.pages.pages_house import BASE, PASSWORD, reason_of

from jitney.errors import InvalidInput
from jitney.model.audit_event import Action
from jitney.model.outcome import OutcomeKind
from jitney.model.user import AttributeValue, GivenBy, Provenance
from jitney.settings.master_key import MasterKeys
from jitney.time_and_chance import SystemEntropy
from jitney.web.console.sealed_searches import MOST_SEALED, MOST_TYPED, SealedSearches

pytestmark = pytest.mark.anyio

PEOPLE, SIGN_INS, LOG = "/console/people", "/console/outcomes", "/console/audit"
LOCKS = "/console/people/lock-identity"
EMAIL = "canary.person@acme.example"
HOSTILE = "canary <b>é\"'&=?#%2f/../../漢 x"
SEARCHES = (
    (PEOPLE, "q", "Search"), (PEOPLE, "idp", "Search"), (SIGN_INS, "q", "Search"), (SIGN_INS, "subject", "Search"),
    (SIGN_INS, "application", "Search"), (SIGN_INS, "reason", "Search"), (SIGN_INS, "provider", "Search"),
    (LOG, "actor", "Search"), (LOG, "target", "Search"), (LOG, "reference", "Search"),
    (LOCKS, "idp", "Show its locks"),
)  # fmt: skip
"""Page, field and button of every search for what has to do with people."""

REFUSED = OutcomeKind.REFUSED
_LEADS = re.compile(r"""(?:href|action|src|formaction)=["']([^"']*)["']""")


def leads_of(hop: Hop) -> Iterator[str]:
    """Return where an answer leads: its own address, its redirect, its links, and where its forms go."""
    yield hop.url
    if hop.location:
        yield hop.location
    for address in _LEADS.findall(hop.text):
        yield address.replace("&amp;", "&").replace("&#34;", '"').replace("&#39;", "'")


def says(address: str, text: str) -> bool:
    """Say whether somebody reads a text in an address, as it is written there or once it is decoded."""
    read = {address, unquote(address), unquote_plus(address), unquote(unquote(address))}
    spelled = {text, quote(text), quote_plus(text), quote(text, safe="")}
    return any(one.casefold() in other.casefold() for one in spelled for other in read)


def changed(token: str) -> Iterator[str]:
    """Return a token as somebody might change it: elsewhere, shorter, longer, and in another spelling."""
    for at in (0, 20, len(token) - 1):
        yield f"{token[:at]}{'B' if token[at] == 'A' else 'A'}{token[at + 1 :]}"
    yield from (token[:-1], token[:-4], f"{token}AAAA", f"{token}=", f"{token}%0A", f"{token}.")


def search_in(hop: Hop) -> str:
    """Return the sealed search in the address of a page."""
    return urlsplit(hop.url).query.partition("search=")[2]


def typed_on(hop: Hop, button: str) -> Mapping[str, str]:
    """Return what stands in the search of a page."""
    return hop.form_with_button(button)[0].fields


@pytest.mark.parametrize("typed", [EMAIL, HOSTILE], ids=["address", "hostile"])
async def test_what_is_typed_stands_in_no_address(tmp_path: Path, typed: str) -> None:
    """R-123: no request, redirect, link or form of a search holds what was typed; the answer is for just that."""
    async with open_console(tmp_path) as console:
        for page, field, button in SEARCHES:
            answer = await console.find(page, {field: typed}, button=button)
            for shown in (answer, await console.root.get(answer.url)):
                assert (page, typed) == (path_of(shown), typed_on(shown, button)[field])
                assert shown.status in {200, 404, 422}
                assert "search_unknown" != reason_of(shown)
            assert search_in(answer)
        for hop in console.root.hops:
            assert [] == [address for address in leads_of(hop) if says(address, typed)]


async def test_no_page_leads_to_an_address_with_somebody_in_it(tmp_path: Path) -> None:
    """R-123: no link, frame or form of the whole console holds a user name, a subject or an e-mail address."""
    async with open_console(tmp_path) as console:
        by_acme = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-acme")
        given = {"email": (AttributeValue(EMAIL, by_acme),)}
        canary = await add_provisioned(console, "canary-person", attributes=given)
        kept = await keep_outcome(
            console, REFUSED, "name_taken", idp="idp-acme", subject="canary-subject", user_id=canary.id,
            about={"user": "canary-person"},
        )  # fmt: skip
        await keep_event(
            console, Action.USER_CHANGED, f"user:{canary.id}", "user:canary-person", kept.reference, to=EMAIL
        )
        doorways = doorways_of(console)
        known = {**doorways.known, ("people", "id"): canary.id, ("outcomes", "reference"): kept.reference}
        (link,) = {*re.findall(r"/unlink/([0-9a-f]{32})", (await console.get(f"{PEOPLE}/{canary.id}")).text)}
        known[("people", "link")] = link
        doorways = replace(doorways, known=known)
        seen = [await console.get(doorways.path(page)) for page in doorways.pages]
        seen.append(await console.find(PEOPLE, {"q": "canary-person"}))
        seen.append(await console.find(SIGN_INS, {"subject": "canary-subject"}))
        wrong = [
            (hop.url, address)
            for hop in [*seen, *console.root.hops]
            for address in leads_of(hop)
            if "canary" in unquote_plus(address).casefold()
        ]
        assert [] == wrong
        shown = [hop.url.removeprefix(BASE) for hop in seen if "canary" in hop.text]
        assert {PEOPLE, f"{PEOPLE}/{canary.id}", SIGN_INS, LOG, f"{SIGN_INS}/{kept.reference}"} <= {*shown}


async def test_address_of_an_answer_is_a_page_like_others(tmp_path: Path) -> None:
    """Issue 7: whoever reloads it or is given it by a colleague sees the same, by their own right."""
    async with open_console(tmp_path) as console:
        await add_provisioned(console)
        answer = await console.find(PEOPLE, {"q": "ada"})
        colleague = await console.browser_of("audit")
        for shown in (await console.root.get(answer.url), await colleague.get(answer.url)):
            assert (200, "ada") == (shown.status, typed_on(shown, "Search")["q"])
            assert f'href="{PEOPLE}/' in shown.text
        eve = await console.browser_of("eve")
        refused = await eve.get(answer.url)
        assert (403, "operator_right_missing") == (refused.status, reason_of(refused))
        assert "ada" not in re.findall(r"\w+", refused.text)


async def test_search_that_is_not_ours_is_no_search(tmp_path: Path) -> None:
    """R-128: a changed token, one of another page or key, or an invention is told, and shows nobody."""
    async with open_console(tmp_path) as console:
        await add_provisioned(console)
        searches = SealedSearches(console.house.form_key, SystemEntropy())
        other_key = SealedSearches(b"k" * 32, SystemEntropy())
        before = await standing(console)
        for page, elsewhere in ((PEOPLE, SIGN_INS), (SIGN_INS, LOG), (LOG, PEOPLE), (LOCKS, PEOPLE)):
            good = searches.seal(page, {"idp": "acme"})
            for token in (
                *changed(good), "", "x", "a" * 43, "a" * 5000, "%C3%A9%F0%9F%98%80", "{}",
                searches.seal(elsewhere, {"idp": "acme"}), other_key.seal(page, {"idp": "acme"}),
            ):  # fmt: skip
                hop = await console.get(f"{page}?search={token}")
                assert (422, "search_unknown") == (hop.status, reason_of(hop)), token
                assert "no search that can be read here" in hop.text
                assert "<tbody>" not in hop.text
            fine = await console.get(f"{page}?search={good}")
            assert (200, None) == (fine.status, reason_of(fine))
        assert before == await standing(console)


async def test_address_that_names_somebody_in_plain_words_is_not_answered(tmp_path: Path) -> None:
    """R-123: an address that somebody was written into finds nobody; one that names nobody is answered."""
    async with open_console(tmp_path) as console:
        for page, field, plain in (
            (PEOPLE, "q", "idp=acme"),
            (PEOPLE, "after", "store=PRIMARY"),
            (SIGN_INS, "q", "result=refused&provider=acme"),
            (SIGN_INS, "subject", "reason=name_taken&since=2020-01-01"),
            (LOG, "actor", "action=user.changed"),
            (LOG, "target", "target_kind=user"),
        ):
            hop = await console.get(f"{page}?{field}=eve&{plain}")
            assert (422, "search_unknown") == (hop.status, reason_of(hop))
            assert "<tbody>" not in hop.text
            fine = await console.get(f"{page}?{plain}")
            assert (200, None) == (fine.status, reason_of(fine))


async def test_search_is_bounded(tmp_path: Path) -> None:
    """R-127: what is absurdly long is refused before it is sealed; the longest that is not fits below 4 kB."""
    async with open_console(tmp_path) as console:
        for page, field in ((PEOPLE, "q"), (SIGN_INS, "subject"), (LOG, "target"), (LOCKS, "idp")):
            path = f"{page}/search"
            fields = slip(console, console.root, path, "root")
            refused = await send(console.root, path, {**fields, field: "漢" * 500})
            assert (422, "search_too_long", None) == (refused.status, reason_of(refused), refused.location)
            assert "漢" * 500 in refused.text
            answer = await send(console.root, path, {**fields, field: "漢" * 480})
            assert (303, True) == (answer.status, len(answer.location or "") < 4000)


async def test_pages_of_a_search_go_on_below_sealed_addresses(tmp_path: Path) -> None:
    """R-123, R-151: where a page begins may be a name or a subject, and stands in no address either."""
    async with open_console(tmp_path) as console:
        for number in range(51):
            await add_provisioned(console, f"canary{number:03}", password=None)
        for typed in ({"q": "canary"}, {"idp": "acme"}):
            page, seen = await console.find(PEOPLE, typed), list[str]()
            for expected in (50, 1):
                names = re.findall(r'data-label="User name"><bdi class="value">(canary\d+)', page.text)
                assert expected == len(names)
                seen += names
                if "Next page" in page.links:
                    page = await console.root.follow(page.links["Next page"])
            assert [f"canary{number:03}" for number in range(51)] == seen
            first = await console.root.follow(page.links["Back to the beginning"])
            assert (True, False) == ("canary000" in first.text, "canary050" in first.text)
        assert not [one for hop in console.root.hops for one in leads_of(hop) if says(one, "canary")]


async def test_file_holds_what_the_sealed_search_has_found(tmp_path: Path) -> None:
    """Issue 7: the file that is taken from the page of an answer has the same search."""
    async with open_console(tmp_path) as console:
        for number, subject in enumerate((EMAIL, "somebody-else")):
            await keep_outcome(console, REFUSED, "name_taken", subject=subject, ago=timedelta(minutes=number))
        page = await console.find(SIGN_INS, {"subject": EMAIL})
        file = await console.post(page, button="CSV, for a spreadsheet")
        assert [EMAIL] == [row["subject"] for row in csv.DictReader(io.StringIO(file.text, newline=""))]
        assert not [one for hop in console.root.hops for one in leads_of(hop) if says(one, EMAIL)]


async def test_sign_in_on_the_way_leads_back_to_the_search(tmp_path: Path) -> None:
    """R-108, Issue 7: after a new sign-in the answer is there; of an address only what we sealed comes along."""
    async with open_console(tmp_path) as console:
        answer = await console.find(PEOPLE, {"q": "eve"})
        await console.end_session()
        page = await console.root.follow(answer.url)
        back = await console.root.submit(page, {"username": "root", "password": PASSWORD}, button="Sign in")
        assert (answer.url, "eve") == (back.url, typed_on(back, "Search")["q"])
        forged = f"{PEOPLE}?search={search_in(answer)[:-4]}AAAA"
        for asked in (forged, f"{PEOPLE}?next=//evil.example", f"{SIGN_INS}?search={search_in(answer)}"):
            await console.end_session()
            page = await console.get(asked)
            back = await console.root.submit(
                page, {"username": "root", "password": PASSWORD}, button="Sign in"
            )
            assert (200, f"{BASE}{asked.partition('?')[0]}") == (back.status, back.url)


async def test_search_is_kept_while_its_operator_signs_in(tmp_path: Path) -> None:
    """Issue 7: a search that is sent after the session has ended stands in its form again, and in no address."""
    async with open_console(tmp_path) as console:
        page = await console.get(SIGN_INS)
        await console.end_session()
        asked = await console.post(page, {"subject": EMAIL}, button="Search")
        again = await console.root.submit(asked, {"username": "root", "password": PASSWORD}, button="Sign in")
        assert ("/console/kept", EMAIL) == (path_of(again), typed_on(again, "Search")["subject"])
        answer = await console.post(again, button="Search")
        assert (200, SIGN_INS, EMAIL) == (
            answer.status,
            path_of(answer),
            typed_on(answer, "Search")["subject"],
        )
        assert not [one for hop in console.root.hops for one in leads_of(hop) if says(one, EMAIL)]


async def test_search_form_may_be_sent_again(tmp_path: Path) -> None:
    """Issue 7: a form that only looks something up counts as often as it is sent, and spends nothing."""
    async with open_console(tmp_path) as console:
        page, before = await console.get(PEOPLE), await console.pages.snapshot("sessions")
        for name in ("eve", "desk", "eve"):
            found = await console.post(page, {"q": name}, button="Search")
            assert (200, name) == (found.status, typed_on(found, "Search")["q"])
        assert before == await console.pages.snapshot("sessions")
        blank = await console.post(page, {"q": " "}, button="Search")
        assert f"{BASE}{PEOPLE}" == blank.url


def keys() -> tuple[MasterKeys, MasterKeys]:
    """The keys of an installation, before and after a new one was taken into use."""
    return MasterKeys(b"a" * 32), MasterKeys(b"b" * 32, (b"a" * 32,))


async def test_every_process_opens_what_another_has_sealed() -> None:
    """Issue 7: a bookmark outlives the process, and a new master key too; without the old one it is told."""
    before, after = (SealedSearches(each.derive("forms"), SystemEntropy()) for each in keys())
    address = before.address(PEOPLE, {"q": HOSTILE})
    token = address.removeprefix(f"{PEOPLE}?search=")
    assert re.fullmatch(r"[0-9A-Za-z_-]+", token)
    assert {"q": HOSTILE} == dict(after.open(PEOPLE, token)) == dict(before.open(PEOPLE, token))
    with pytest.raises(InvalidInput) as unknown:
        SealedSearches(MasterKeys(b"b" * 32).derive("forms"), SystemEntropy()).open(PEOPLE, token)
    assert "search_unknown" == unknown.value.code


async def test_seal_tells_neither_what_nor_how_long_it_is() -> None:
    """R-123: the same search is sealed anew each time, and short ones are of one length; nothing is over 4 kB."""
    searches = SealedSearches(b"k" * 32, SystemEntropy())
    assert searches.seal(PEOPLE, {"q": "ada"}) != searches.seal(PEOPLE, {"q": "ada"})
    assert len(searches.seal(PEOPLE, {"q": "ada"})) == len(searches.seal(PEOPLE, {"q": EMAIL}))
    most = {"q": "x" * MOST_TYPED, "after": "y" * (MOST_SEALED - MOST_TYPED - 20)}
    assert len(f"{BASE}{searches.address(LOCKS, most)}") < 4096
    with pytest.raises(InvalidInput) as refused:
        searches.seal(PEOPLE, {"q": "x", "after": "y" * MOST_SEALED})
    assert ("search_too_long", {"after"}) == (refused.value.code, {*refused.value.fields})
    assert PEOPLE == searches.address(PEOPLE, {})
