"""The look: judged as a whole, saved by administrators on the version that was read, and told in the audit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from tests.journeys.administration.office import ROOT, Office

from jitney.administration.audit_trail import AuditTrail
from jitney.administration.look import LookAdministration
from jitney.administration.operator import Operator, Right
from jitney.errors import Conflict, Expired, InvalidInput, NotAllowed
from jitney.model.audit_event import Action
from jitney.model.look import Colours, LogoFile, Look
from jitney.testing.counted_entropy import CountedEntropy
from jitney.web.console.look.knowledge import PagesAsTheyAre
from jitney.web.kit.theme import Palette, Theme

pytestmark = pytest.mark.anyio

HELPER = Operator("u-help", "helper", frozenset({Right.SEE, Right.HELP}))
STRANGER = Operator("u-none", "stranger", frozenset())
OTHER = Operator("u-other", "other")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
WHOLE = Look(
    "Acme", "de", LogoFile(PNG, "image/png"), Colours("#0d5c63"), Colours("#7fd1d8", text="#ffffff"),
    {"de": {"Sign in": "Hinein"}}, {"error.html": '{% extends "jitney/error.html" %}'},
)  # fmt: skip


@dataclass
class Trial:
    """Finds what it is told to, and remembers what it was asked to try."""

    faults: Mapping[str, str] = field(default_factory=dict)
    tried: list[Mapping[str, str]] = field(default_factory=list)

    async def find_faults(self, templates: Mapping[str, str]) -> Mapping[str, str]:
        self.tried.append(templates)
        return self.faults


@dataclass
class Studio:
    """The verb over memory doors; nobody else changes the look meanwhile, unless a test does."""

    office: Office = field(default_factory=Office)
    trial: Trial = field(default_factory=Trial)
    theme: Theme = Theme()

    @property
    def look(self) -> LookAdministration:
        """The verb."""
        doors, clock, entropy = self.office.doors, self.office.clock, self.entropy
        return LookAdministration(
            doors.looks, doors.kept_forms, PagesAsTheyAre(self.theme), self.trial, doors.unit_of_work,
            AuditTrail(clock, entropy), clock, entropy,
        )  # fmt: skip

    entropy: CountedEntropy = field(default_factory=CountedEntropy)


async def test_saved_look_is_the_look_and_is_told_without_its_contents() -> None:
    """Issue 7, R-121: what was saved is what there is; the event names the parts, and not what is in them."""
    studio = Studio()
    assert Look() == await studio.look.get(ROOT)
    saved = await studio.look.save(ROOT, WHOLE, 0)
    assert replace(WHOLE, version=1) == saved.look == await studio.look.get(ROOT)
    (event,) = await studio.office.events("look")
    assert (Action.LOOK_CHANGED, "operator:u-root") == (event.action, event.actor)
    assert {
        "parts": "product_name, language, logo, light.primary, dark.primary, dark.text, texts.de, "
        "templates.error.html",
        "version": "1",
    } == event.about


async def test_same_look_again_writes_nothing() -> None:
    """Issue 7: where nothing differs, nothing is written, and no event says that something was."""
    studio = Studio()
    await studio.look.save(ROOT, WHOLE, 0)
    before = studio.office.doors.look()
    assert 1 == (await studio.look.save(ROOT, replace(WHOLE, version=1), 1)).look.version
    assert before is studio.office.doors.look()


async def test_second_of_two_operators_is_told() -> None:
    """P-10, issue 7: whoever saves on an old version is refused, and what the first one saved stands."""
    studio = Studio()
    await studio.look.save(ROOT, Look("First"), 0)
    before = studio.office.doors.look()
    with pytest.raises(Conflict) as refused:
        await studio.look.save(OTHER, Look("Second"), 0)
    assert "look_changed" == refused.value.code
    assert before is studio.office.doors.look()
    await studio.look.save(OTHER, Look("Second"), 1)
    assert "Second" == (await studio.look.get(ROOT)).product_name


async def test_look_is_seen_by_operators_and_changed_by_administrators() -> None:
    """R-112: the help desk sees the look and changes nothing; somebody without any role does not even see it."""
    studio = Studio()
    before = studio.office.doors.look()
    assert Look() == await studio.look.get(HELPER)
    for attempt in (
        studio.look.get(STRANGER),
        studio.look.save(HELPER, WHOLE, 0),
        studio.look.keep_draft(HELPER, WHOLE, 0),
        studio.look.get_draft(STRANGER, "key"),
    ):
        with pytest.raises(NotAllowed) as refused:
            await attempt
        assert "operator_right_missing" == refused.value.code
    assert before is studio.office.doors.look()
    assert [] == studio.trial.tried
    await studio.look.save(ROOT, WHOLE, 0)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"product_name": ""}, {"product_name"}),
        ({"product_name": "x" * 61}, {"product_name"}),
        ({"product_name": " padded"}, {"product_name"}),
        ({"product_name": "a\u202eb"}, {"product_name"}),
        ({"language": "tlh"}, {"language"}),
        ({"light": Colours("red")}, {"light.primary"}),
        ({"light": Colours("#fff")}, {"light.primary"}),
        ({"dark": Colours(surface="#123456}body{background:url(//evil.example)")}, {"dark.surface"}),
        ({"dark": Colours(text="var(--x)")}, {"dark.text"}),
        ({"light": Colours(primary="#12345\n", text="rgb(0,0,0)")}, {"light.primary", "light.text"}),
        ({"light": Colours(text="#cccccc")}, {"light.text"}),
        ({"light": Colours(surface="#373c44")}, {"light.surface"}),
        ({"light": Colours(background="#373c44")}, {"light.background"}),
        ({"dark": Colours(text="#333333")}, {"dark.text"}),
        ({"texts": {"tlh": {"Sign in": "nuqneH"}}}, {"texts.tlh"}),
        ({"texts": {"de": {"Sign inn": "Hinein"}}}, {"texts.de"}),
        ({"texts": {"de": {"Sign in": "  "}}}, {"texts.de"}),
        ({"texts": {"de": {"Sign in": "x" * 2001}}}, {"texts.de"}),
        ({"texts": {"en": {"Sign in to %(application)s": "Into %(password)s"}}}, {"texts.en"}),
        ({"texts": {"en": {"Sign in to %(application)s": "100 %"}}}, {"texts.en"}),
        ({"texts": {"en": {"Sign in to %(application)s": "%(application)1000000000s"}}}, {"texts.en"}),
        ({"templates": {"nothing.html": "x"}}, {"templates.nothing.html"}),
        ({"templates": {"trial.html": "x"}}, {"templates.trial.html"}),
        ({"templates": {"console/base.html": "x"}}, {"templates.console/base.html"}),
        ({"templates": {"../sign_in.html": "x"}}, {"templates.../sign_in.html"}),
        ({"templates": {"error.html": "x" * (64 * 1024 + 1)}}, {"templates.error.html"}),
        ({"templates": {"error.html": " \n"}}, {"templates.error.html"}),
        (
            {"templates": dict.fromkeys(("error.html", "message.html", "sign_in.html", "sign_out.html",
                                         "prompt.html", "proof.html", "factor.html"), "x" * 60_000)},
            {"templates"},
        ),
        ({"product_name": "", "language": "x", "logo": LogoFile(b"GIF89a", "image/png")},
         {"product_name", "language", "logo"}),
    ],
)  # fmt: skip
async def test_every_fault_is_told_by_its_field_and_nothing_is_written(
    change: dict, fields: set[str]
) -> None:
    """Issue 7, R-106: what is no colour, text or template is refused with its field; a sound look is saved."""
    studio = Studio()
    before = studio.office.doors.look()
    for attempt in (studio.look.save, studio.look.keep_draft):
        with pytest.raises(InvalidInput) as refused:
            await attempt(ROOT, replace(WHOLE, **change), 0)
        assert ("look_invalid", fields) == (refused.value.code, set(refused.value.fields))
    assert before is studio.office.doors.look()
    assert 1 == (await studio.look.save(ROOT, WHOLE, 0)).look.version


@pytest.mark.parametrize(
    "drawing",
    [
        "<script>alert(1)</script>",
        '<image href="https://evil.example/x.png"/>',
        '<use xlink:href="//evil.example/x.svg#a"/>',
        '<a href="#x"><path d="M0 0"/></a>',
        '<path onload="alert(1)"/>',
        "<foreignObject><p/></foreignObject>",
        '<set attributeName="href" to="javascript:alert(1)"/>',
        "<style>@import url(//evil.example)</style>",
        '<path style="fill:url(https://evil.example/#a)"/>',
    ],
)
async def test_drawing_that_could_act_is_no_logo(drawing: str) -> None:
    """R-106: an SVG with a script, a link or a foreign address is refused; a plain one is a logo."""
    studio = Studio()
    before = studio.office.doors.look()
    logo = LogoFile(DRAWING.format(drawing).encode(), "image/svg+xml")
    with pytest.raises(InvalidInput) as refused:
        await studio.look.save(ROOT, Look(logo=logo), 0)
    assert ("look_invalid", {"logo"}) == (refused.value.code, set(refused.value.fields))
    assert before is studio.office.doors.look()
    plain = LogoFile(DRAWING.format('<path d="M0 0"/>').encode(), "image/svg+xml")
    assert plain == (await studio.look.save(ROOT, Look(logo=plain), 0)).look.logo


@pytest.mark.parametrize(
    "logo",
    [
        LogoFile(PNG, "text/html"),
        LogoFile(PNG, "image/svg+xml"),
        LogoFile(b"\xff\xd8\xff\xe0", "image/png"),
        LogoFile(PNG + bytes(256 * 1024), "image/png"),
        LogoFile(b"<html><script>alert(1)</script>", "image/png"),
        LogoFile(b"", "image/png"),
    ],
    ids=["html", "svg", "jpeg", "large", "markup", "empty"],
)
async def test_logo_is_what_its_octets_say(logo: LogoFile) -> None:
    """R-106: a file is the kind of picture that its octets are, of bounded size; anything else is refused."""
    studio = Studio()
    with pytest.raises(InvalidInput) as refused:
        await studio.look.save(ROOT, Look(logo=logo), 0)
    assert ("look_invalid", {"logo"}) == (refused.value.code, set(refused.value.fields))
    assert Look() == await studio.look.get(ROOT)
    assert 1 == (await studio.look.save(ROOT, Look(logo=LogoFile(PNG, "image/png")), 0)).look.version


async def test_text_is_measured_on_the_ground_that_holds() -> None:
    """WCAG 2.2, 1.4.3: where the settings made the ground dark, the text of the look must be light, and may be."""
    dark_ground = Theme(light=Palette(background="#222222", surface="#222222", text="#ffffff"))
    studio = Studio(theme=dark_ground)
    with pytest.raises(InvalidInput) as refused:
        await studio.look.save(ROOT, Look(light=Colours(text="#333333")), 0)
    assert {"light.text"} == set(refused.value.fields)
    await studio.look.save(ROOT, Look(light=Colours(text="#eeeeee")), 0)


async def test_link_that_is_hard_to_read_is_warned_of() -> None:
    """WCAG 2.2: buttons and links that are hard to read are saved, and told; good ones are not spoken of."""
    studio = Studio()
    assert () == (await studio.look.save(ROOT, Look(light=Colours("#0a3d91")), 0)).warnings
    (warning,) = (await studio.look.save(ROOT, Look(light=Colours("#ffee00")), 1)).warnings
    assert "light" in warning


async def test_template_is_tried_before_it_is_saved_and_once() -> None:
    """Issue 7: what no page can be made of is refused with why; what is saved already is not tried again."""
    studio = Studio(trial=Trial({"error.html": "Line 2: there is no such thing."}))
    with pytest.raises(InvalidInput) as refused:
        await studio.look.save(ROOT, WHOLE, 0)
    assert {"templates.error.html": "Line 2: there is no such thing."} == refused.value.fields
    assert Look() == await studio.look.get(ROOT)
    studio.trial = Trial()
    await studio.look.save(ROOT, WHOLE, 0)
    await studio.look.save(ROOT, replace(WHOLE, product_name="Beta"), 1)
    assert [WHOLE.templates] == studio.trial.tried


async def test_draft_is_kept_for_its_operator_and_saves_like_a_form() -> None:
    """Issue 7: a draft changes nothing until it is saved, and then on the version that it was made from."""
    studio = Studio()
    key = await studio.look.keep_draft(ROOT, WHOLE, 0)
    assert (Look(), []) == (await studio.look.get(ROOT), await studio.office.events("look"))
    assert WHOLE == await studio.look.get_draft(ROOT, key)
    assert replace(WHOLE, version=1) == (await studio.look.save_draft(ROOT, key)).look
    with pytest.raises(Conflict) as refused:
        await studio.look.save_draft(ROOT, await studio.look.keep_draft(ROOT, Look("Old"), 0))
    assert "look_changed" == refused.value.code
    assert replace(WHOLE, version=1) == await studio.look.get(ROOT)


async def test_draft_takes_back_nothing_that_another_has_changed() -> None:
    """Issue 7: over a look that somebody else changed, a draft is what it changes, text by text."""
    studio = Studio()
    await studio.look.save(ROOT, WHOLE, 0)
    texts = {"de": {"Sign in": "Los", "Back": "Zurück"}}
    mine = replace(WHOLE, light=Colours("#0d5c63", text="#111111"), texts=texts, templates={})
    key = await studio.look.keep_draft(ROOT, mine, 1)
    assert mine.texts == (await studio.look.rebase_draft(ROOT, key)).texts
    theirs = replace(
        WHOLE, product_name="Beta", logo=None, light=Colours("#0d5c64"), texts={"de": {"Sign in": "Rein"}}
    )
    await studio.look.save(ROOT, theirs, 1)
    with pytest.raises(Conflict):
        await studio.look.save_draft(ROOT, key)
    expected = replace(
        mine, product_name="Beta", logo=None, light=Colours("#0d5c64", text="#111111"), version=2
    )
    assert expected == await studio.look.rebase_draft(ROOT, key)
    assert replace(theirs, version=2) == await studio.look.get(ROOT)
    with pytest.raises(Expired) as refused:
        await studio.look.rebase_draft(OTHER, key)
    assert "look_draft_gone" == refused.value.code


async def test_draft_of_another_is_not_there() -> None:
    """R-111: another operator's draft, one that is too old, and a key of nothing are refused alike."""
    studio = Studio()
    key = await studio.look.keep_draft(ROOT, WHOLE, 0)
    before = studio.office.doors.look()
    for operator, tried in ((OTHER, key), (HELPER, key), (ROOT, "nothing"), (ROOT, "")):
        with pytest.raises(Expired) as refused:
            await studio.look.save_draft(operator, tried)
        assert "look_draft_gone" == refused.value.code
    assert WHOLE == await studio.look.get_draft(ROOT, key)
    studio.office.clock.advance(timedelta(hours=2))
    with pytest.raises(Expired) as refused:
        await studio.look.save_draft(ROOT, key)
    assert "look_draft_gone" == refused.value.code
    assert before is studio.office.doors.look()
