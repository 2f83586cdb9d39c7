"""The page with both versions: what it offers field by field, and how somebody chooses there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape

from tests.servers.http_browser import Hop
from tests.web.console.console_house import ConsoleHouse

SAVE = "Save what is chosen"
BOTH, ONLY_ME, ONLY_THEM = (
    "Both of you changed it: choose.",
    "Only you changed it.",
    "Only somebody else changed it.",
)


@dataclass(frozen=True)
class Offer:
    """A field of the page: what both versions say, who changed it, and whose is chosen before anybody chooses."""

    name: str
    mine: str
    theirs: str
    why: str
    chosen: str


def offers(page: Hop) -> dict[str, Offer]:
    """Return what a page offers, by the labels of the fields."""
    groups = re.findall(r'<fieldset id="f-(keep\.[^"]+)"(.*?)</fieldset>', page.text, re.DOTALL)
    return {_one(r"<legend><bdi>(.*?)</bdi>", group): _offer(unescape(name), group) for name, group in groups}


async def save_chosen(console: ConsoleHouse, page: Hop, chosen: Mapping[str, str] | None = None) -> Hop:
    """Choose by the labels of the fields, ``mine`` or ``theirs``, and save."""
    offered = offers(page)
    return await console.post(
        page, {offered[label].name: whose for label, whose in (chosen or {}).items()}, button=SAVE
    )


def _offer(name: str, group: str) -> Offer:
    mine, theirs = re.findall(r'<bdi class="lines">(.*?)</bdi>', group, re.DOTALL)
    checked = re.findall(r'value="(\w+)" required checked', group)
    why = _one(r'<p class="why">(.*?)</p>', group)
    return Offer(name, unescape(mine), unescape(theirs), why, checked[0] if checked else "")


def _one(pattern: str, text: str) -> str:
    (found,) = re.findall(pattern, text, re.DOTALL)
    return unescape(found)
