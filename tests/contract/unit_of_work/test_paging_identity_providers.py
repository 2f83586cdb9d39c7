"""Identity providers are listed page by page, and filtered by what they are called."""

from dataclasses import replace

import pytest
from tests.contract.doors import Doors
from tests.contract.records import an_idp

from jitney.model import changes as c

pytestmark = pytest.mark.anyio


async def _keep(doors: Doors, *names: tuple[str, str]) -> None:
    for number, (name, display_name) in enumerate(names):
        idp = replace(an_idp(f"idp-{number}", name), display_name=display_name)
        await doors.unit_of_work.commit(c.AddIdentityProvider(idp))


async def _named(doors: Doors, **asked: object) -> list[str]:
    return [idp.name for idp in await doors.identity_providers.page(**asked)]  # type: ignore[arg-type]


async def test_pages_follow_one_another_by_short_name(doors: Doors) -> None:
    """Issue 7: each page goes on where the one before ended, and together they hold everybody once."""
    await _keep(doors, *[(f"name-{number:02}", "Acme") for number in reversed(range(7))])
    first = await _named(doors, limit=3)
    second = await _named(doors, after=first[-1], limit=3)
    third = await _named(doors, after=second[-1], limit=3)
    assert [f"name-{number:02}" for number in range(7)] == [*first, *second, *third]
    assert [] == await _named(doors, after=third[-1], limit=3)
    assert [] == await _named(doors, limit=0)
    assert 7 == len(await _named(doors, limit=100_000))


async def test_text_is_looked_for_in_both_names_in_any_case(doors: Doors) -> None:
    """Issue 7: a text finds whom it is part of by short or shown name, and never by what else is kept of them."""
    await _keep(doors, ("acme", "Müller & Söhne"), ("corp", 'The "Acme" Corp'), ("other", "Other_100%"))
    found = {
        "ACME": ["acme", "corp"], "müller & S": ["acme"], "MÜLLER": ["acme"], '"acme"': ["corp"], "_1": ["other"],
        "100%": ["other"], "%": ["other"], "_": ["other"], "\\": [], "https": [], "enabled": [],
        "  corp ": ["corp"], "": ["acme", "corp", "other"],
    }  # fmt: skip
    assert found == {text: await _named(doors, text=text) for text in found}
    assert ["corp"] == await _named(doors, text="acme", after="acme")


async def test_filtered_pages_look_beyond_what_does_not_fit(doors: Doors) -> None:
    """Issue 7: the one that fits is found behind hundreds whose record holds the text elsewhere."""
    names = [(f"name-{number:03}", "Plain") for number in range(230)]
    await _keep(doors, *names, ("zebra", "The issuer"))
    assert ["zebra"] == await _named(doors, text="issuer")
