"""What two operators changed since a form was made, from the texts of the form alone."""

import pytest

from jitney.web.console.record_fields import Column, Field, Kind
from jitney.web.console.versions import BASE, BESIDE, KEEP, MINE, THEIRS, VERSION, Present

NAME, NOTE = Field("name", "Name"), Field("note", "Note", Kind.LONG)
ROWS = Field("rows", "Table", Kind.ROWS, columns=(Column("a", "A"), Column("b", "B")))
SECRET = Field("password", "Password", Kind.SECRET)
FIELDS = (NAME, NOTE, ROWS, SECRET)


def present(version: int = 1, **texts: str) -> Present:
    """Return a version in which these fields say something."""
    return Present(FIELDS, version, {name.replace("__", "."): text for name, text in texts.items()})


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "said"),
    [
        ("a", "a", "a", None),
        ("a", "b", "b", None),
        ("a", "b", "a", (True, False, MINE)),
        ("a", "a", "b", (False, True, THEIRS)),
        ("a", "b", "c", (True, True, "")),
        ("a", "", "b", (True, True, "")),
        ("a", "", "a", (True, False, MINE)),
        ("a", "a", "", (False, True, THEIRS)),
        ("", "a", "", (True, False, MINE)),
        ("", "", "a", (False, True, THEIRS)),
        ("", "a", "b", (True, True, "")),
    ],
)
def test_who_changed_a_field_says_whose_is_preselected(
    base: str, mine: str, theirs: str, said: tuple[bool, bool, str] | None
) -> None:
    """Issue 7: mine where only I changed it, theirs where only they did, and nobody's where both did."""
    form = {**present(1, name=base).made_from(), "name": mine}
    found = [(one.by_me, one.by_them, one.chosen) for one in present(2, name=theirs).choosing(form, form)]
    assert ([said] if said else []) == found


def test_a_form_that_knows_no_base_is_asked_about_everything() -> None:
    """Issue 7: where it is not known who changed a field, nothing is preselected; with the base it is."""
    form = {"name": "mine", VERSION: "1"}
    now = present(2, name="theirs")
    assert [""] == [one.chosen for one in now.choosing(form, form)]
    known = {**form, BASE: present(1, name="mine").made_from()[BASE]}
    assert [THEIRS] == [one.chosen for one in now.choosing(known, known)]


def test_the_base_holds_no_text_and_stays_small() -> None:
    """R-115: of what a form was made from only digests go along, of a fixed length, and none of a secret."""
    now = present(1, name="x" * 100_000, note="", password="s3cret")
    assert (1, True) == (len(now.made_from()[BASE].split()), len(now.made_from()[BASE]) < 64)
    assert now.made_from() == present(1, name="x" * 100_000).made_from()
    assert now.made_from() != present(1, name="y").made_from()


def test_line_ends_and_the_order_of_cells_are_no_change() -> None:
    """Issue 7: a browser sends other line ends than we keep, and a table in its own order: nobody changed them."""
    form = {"rows.0.b": "2", "rows.0.a": "1", "note": "one\r\ntwo"}
    base = present(1, note="one\ntwo", rows__0__a="1", rows__0__b="2")
    other = present(2, note="three", rows__0__a="1", rows__0__b="2")
    posted = {**base.made_from(), **form}
    assert [("Note", THEIRS)] == [(one.label, one.chosen) for one in other.choosing(posted, posted)]
    assert [] == base.choosing(posted, posted)


def test_choices_count_once_none_is_missing_and_for_the_version_that_was_shown() -> None:
    """Issue 7: a choice that is missing, strange, or for another version counts as none."""
    base, now = present(1, name="a", note="n"), present(2, name="b", note="m", rows__0__a="1")
    mine = {"name": "c", "note": "n"}
    posted = {**now.carried_on({**base.made_from(), **mine, "else": "x"}, mine), "password": "typed"}
    everything = {f"{KEEP}name": MINE, f"{KEEP}note": THEIRS, f"{KEEP}rows": THEIRS}
    for wrong in (
        {**posted, **everything, BESIDE: "3"},
        {**posted, **everything, f"{KEEP}name": ""},
        {**posted, **everything, f"{KEEP}name": "ours"},
        {name: text for name, text in (posted | everything).items() if name != BESIDE},
        posted,
    ):
        settled = now.settled(wrong)
        assert ("1", "c", "n") == (settled[VERSION], settled["name"], settled["note"])
        assert not [name for name in settled if name == BESIDE or name.startswith(KEEP)]
    settled = now.settled({**posted, **everything})
    assert {
        **now.made_from(), "name": "c", "note": "m", "rows.0.a": "1", "else": "x", "password": "typed",
    } == settled  # fmt: skip


def test_a_secret_is_not_carried_on_and_that_is_told() -> None:
    """R-115: what the page with both versions posts holds no secret, and a row says that one was left out."""
    typed = {"name": "a", "password": "s3cret", f"{KEEP}name": MINE}
    now = present(2, name="b")
    assert {"name": "a", BESIDE: "2"} == now.carried_on(typed, {"name": "a"})
    assert ["Password"] == [label for label, _, _ in now.secrets_left_out(typed)]
    assert [] == now.secrets_left_out({"name": "a"})


def test_choices_that_were_made_stay_where_one_was_missing() -> None:
    """Issue 7: where a choice is missing, those that were made stay; for a newer version all are asked anew."""
    base = present(1, name="a", note="n")
    mine = {"name": "b", "note": "m"}
    now = present(2, name="c", note="o")
    posted = {**now.carried_on({**base.made_from(), **mine}, mine), f"{KEEP}name": THEIRS}
    assert [THEIRS, ""] == [one.chosen for one in now.choosing(posted, mine)]
    newer = present(3, name="d", note="n")
    assert [("Name", ""), ("Note", MINE)] == [(one.label, one.chosen) for one in newer.choosing(posted, mine)]


def test_what_only_others_changed_is_kept_up() -> None:
    """Issue 7: a form that is saved as a whole says of such a field what it says now, and else what was typed."""
    base, now = present(1, name="a", note="n"), present(2, name="b", note="m")
    form = {**base.made_from(), "name": "a", "note": "mine", "else": "x"}
    assert {**form, "name": "b"} == now.kept_up(form)
    assert form == base.kept_up(form)
