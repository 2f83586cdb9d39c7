"""Sign-ins in the console: the search, the story of one, and the pages of many."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.web.console.console_house import heading_of, open_console, path_of
from tests.web.console.records_at_hand import HOSTILE, keep_event, keep_outcome
from tests.web.pages.pages_house import reason_of

from jitney.model.audit_event import Action
from jitney.model.outcome import OutcomeKind
from jitney.provisioning.sentences import SENTENCES

pytestmark = pytest.mark.anyio

REFUSED = OutcomeKind.REFUSED
LIST = "/console/outcomes"
TO_THE_MINUTE = "%Y-%m-%dT%H:%M"


async def test_reference_is_found_as_it_is_read_aloud(tmp_path: Path) -> None:
    """Issue 7: a whole reference leads straight to its sign-in, with or without dash, small, or misheard."""
    async with open_console(tmp_path) as house:
        kept = await keep_outcome(house, REFUSED, "name_taken", idp="idp-acme", subject="ada")
        bare = kept.reference.replace("-", "")
        for typed in (
            kept.reference,
            bare,
            bare.lower(),
            " ".join(bare),
            f"  {kept.reference.lower()} ",
            bare.replace("0", "O").replace("1", "l"),
        ):
            page = await house.find(LIST, {"q": typed})
            assert f"{LIST}/{kept.reference}" == path_of(page), typed
        nobody = await house.find(LIST, {"q": "ZZZZ-ZZZZ"})
        assert (404, "user_not_found") == (nobody.status, reason_of(nobody))


async def test_sign_ins_are_found_by_each_thing_that_is_known(tmp_path: Path) -> None:
    """Issue 7: person, subject, provider, application, result, reason and time each narrow the list."""
    async with open_console(tmp_path) as house:
        eve = house.people["eve"]
        one = await keep_outcome(
            house, REFUSED, "not_linked", "name_taken", idp="idp-acme", subject="s-1", application="shop",
            user_id=eve.id, ago=timedelta(hours=3),
        )  # fmt: skip
        other = await keep_outcome(
            house, OutcomeKind.CREATED, "provisioned", subject="s-2", ago=-timedelta(minutes=2)
        )
        now = house.house.doors.clock.now()
        for search in (
            {"q": "eve"}, {"q": eve.id}, {"subject": "s-1"}, {"provider": "acme"}, {"application": "shop"},
            {"result": "refused"}, {"reason": "not_linked"}, {"reason": " NAME_TAKEN "},
            {"since": f"{now - timedelta(hours=5):{TO_THE_MINUTE}}", "until": f"{now:{TO_THE_MINUTE}}"},
        ):  # fmt: skip
            page = await house.find(LIST, search)
            assert (200, True, False) == (
                page.status,
                one.reference in page.text,
                other.reference in page.text,
            ), search
        assert (
            '<span class="badge bad">Refused<span class="unseen">: </span></span>the user name is taken'
            in page.text
        )
        everything = await house.get(LIST)
        assert other.reference in everything.text


async def test_search_that_cannot_be_says_which_field(tmp_path: Path) -> None:
    """Issue 7: what cannot be searched for is said beside its field, and the good search is answered."""
    async with open_console(tmp_path) as house:
        for search, status, code, field in (
            ({"since": "yesterday"}, 422, "search_invalid", "since"),
            ({"until": "0001-01-01T00:00+05:00"}, 422, "search_invalid", "until"),
            ({"result": "splendid"}, 422, "search_invalid", "result"),
            ({"provider": "nobody"}, 404, "identity_provider_not_found", "provider"),
            ({"q": "nobody"}, 404, "user_not_found", "q"),
        ):
            page = await house.find(LIST, search)
            assert (status, code) == (page.status, reason_of(page)), search
            assert f'aria-describedby="d-{field}"' in page.text
            assert f'href="#f-{field}"' in page.text
        good = await house.find(
            LIST, {"since": "2020-01-01", "result": "refused", "provider": "acme", "q": "eve"}
        )
        assert (200, None) == (good.status, reason_of(good))


async def test_many_sign_ins_come_page_by_page(tmp_path: Path) -> None:
    """Issue 7: a list shows fifty, keeps the search from page to page, and stays small."""
    async with open_console(tmp_path) as house:
        kept = [
            await keep_outcome(
                house, REFUSED, "name_taken", subject="x" * 40, idp="idp-acme", ago=timedelta(minutes=n)
            )
            for n in range(101)
        ]
        seen: list[str] = []
        page = await house.get(f"{LIST}?result=refused")
        assert len(page.text.encode()) < 60_000
        for expected in (50, 50, 1):
            shown = [one.reference for one in kept if one.reference in page.text]
            assert expected == len(shown)
            seen += shown
            if "Next page" in page.links:
                page = await house.root.follow(page.links["Next page"])
        assert [one.reference for one in kept] == seen
        assert "Next page" not in page.links
        first = await house.root.follow(page.links["Back to the beginning"])
        assert seen[:50] == [one.reference for one in kept if one.reference in first.text]


async def test_search_for_a_reason_alone_looks_back_a_week(tmp_path: Path) -> None:
    """R-127: a reason is looked for in the last seven days, unless a person or a time bounds the search."""
    async with open_console(tmp_path) as house:
        old = await keep_outcome(house, REFUSED, "name_taken", subject="s-1", ago=timedelta(days=8))
        new = await keep_outcome(house, REFUSED, "name_taken", subject="s-1")
        page = await house.get(f"{LIST}?reason=name_taken")
        assert (True, False, True) == tuple(
            text in page.text for text in (new.reference, old.reference, "the last 7 days")
        )
        for more in ({"since": "2020-01-01"}, {"subject": "s-1"}):
            whole = await house.find(LIST, {"reason": "name_taken", **more})
            assert (True, True, False) == tuple(
                text in whole.text for text in (new.reference, old.reference, "the last 7 days")
            )


async def test_story_tells_the_whole_reasoning_on_one_page(tmp_path: Path) -> None:
    """Issue 7: who came from where to which application, each reason, what was written, events, and what to do."""
    async with open_console(tmp_path) as house:
        eve = house.people["eve"]
        kept = await keep_outcome(
            house, REFUSED, "not_linked", "role_unknown_dropped", "name_taken", about={"user": eve.id},
            idp="idp-acme", subject="s-1", application="shop",
            written=("+ role staff, by identity provider idp-acme",),
        )  # fmt: skip
        await keep_event(house, Action.SIGN_IN_REFUSED, "idp:idp-acme", "idp:idp-acme", kept.reference)
        page = await house.get(f"{LIST}/{kept.reference.lower()}")
        assert f"Sign-in {kept.reference}" == heading_of(page)
        reasons = page.text.split('<ol class="reasons">')[1].split("</ol>")[0]
        assert ["not_linked", "role_unknown_dropped", "name_taken"] == [
            part.split("</code>")[0] for part in reasons.split("<code>")[1:]
        ]
        for said in (
            "Nobody had come with this identity before.", "The user name is taken.", "s-1",
            SENTENCES["name_taken"], "Is it the same person?", "by identity provider acme", "sign in refused",
            "/console/identity-providers/acme", "/console/applications/shop",
            f"/console/identity-providers/acme/rehearse?reference={quote(kept.reference)}",
            '<bdi class="value">eve</bdi>',
        ):  # fmt: skip
            assert said in page.text, said
        gone = await house.get(f"{LIST}/ZZZZ-ZZZZ")
        assert (404, "outcome_not_found") == (gone.status, reason_of(gone))


async def test_story_leads_each_operator_where_they_may_look(tmp_path: Path) -> None:
    """R-110: advice leads to the person, the application or the store, and to no page that is for others alone."""
    async with open_console(tmp_path) as house:
        eve, auditor = house.people["eve"], await house.browser_of("audit")
        for code, about, everybody, administrator in (
            ("user_locked", {}, f"/console/people/{eve.id}", f"/console/people/{eve.id}"),
            ("refused_by_sign_in_policy", {}, "/console/applications/shop", "/console/applications/shop"),
            ("user_store_full", {"domain": "ENG"}, "/console/user-stores/ENG", "/console/user-stores/ENG"),
            ("link_ambiguous", {}, "/console/people", "/console/people"),
            (
                "id_token_bad_signature",
                {},
                "/console/identity-providers/acme",
                "/console/identity-providers/acme/test",
            ),
        ):
            kept = await keep_outcome(
                house, REFUSED, code, about=about, idp="idp-acme", user_id=eve.id, application="shop"
            )
            for browser, expected in ((auditor, everybody), (house.root, administrator)):
                page = await house.get(f"{LIST}/{kept.reference}", browser)
                advice = page.text.split("What to do next")[1].split("</section>")[0]
                assert f'href="{expected}"' in advice, advice
                assert (browser is house.root) == ("Rehearse it again" in page.links)


async def test_story_of_a_real_sign_in_is_told(tmp_path: Path) -> None:
    """Issue 7: a sign-in that was walked is found by its person, and its story says what was written."""
    async with open_console(tmp_path) as house:
        await house.pages.sign_in()
        listed = await house.find(LIST, {"q": "ada", "provider": "acme"})
        [there] = [href for text, href in listed.links.items() if "an account was made" in text]
        story = await house.root.follow(there)
        assert "+ account link" in story.text
        assert "user provisioned" in story.text


async def test_what_people_are_called_is_text_wherever_it_is_shown(tmp_path: Path) -> None:
    """R-106: a subject, a detail, a written line and a code are text in the list and in the story."""
    async with open_console(tmp_path) as house:
        kept = await keep_outcome(
            house, REFUSED, f"odd_{HOSTILE}", about={HOSTILE: HOSTILE}, idp=HOSTILE, subject=HOSTILE,
            application=HOSTILE, written=(HOSTILE,),
        )  # fmt: skip
        found = await house.find(LIST, {"subject": HOSTILE})
        for page in (await house.get(LIST), await house.get(f"{LIST}/{kept.reference}"), found):
            assert 200 == page.status
            assert HOSTILE not in page.text
            assert "&lt;script&gt;" in page.text
            assert "<script" not in page.text
            assert "script-src 'none'" in page.response.headers["content-security-policy"]
