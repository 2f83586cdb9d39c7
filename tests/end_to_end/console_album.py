"""Looks at a page of the console as different people do: by axe, on a desk, on a telephone, at night, by weight."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Page, Response, ViewportSize
from tests.end_to_end.prompts.walker import NARROW, SCREENSHOTS, WIDE

AXE = Path("tests/servers/axe/node_modules/axe-core/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MOST_TRANSFERRED = 100 * 1024
LOOKS: tuple[tuple[str, ViewportSize, Literal["light", "dark"]], ...] = (
    ("wide-light", WIDE, "light"),
    ("wide-dark", WIDE, "dark"),
    ("narrow-light", NARROW, "light"),
    ("narrow-dark", NARROW, "dark"),
)
"""How each page is photographed."""

JUDGED = {"wide-light", "narrow-dark"}
"""The looks at which axe judges a page: between them both layouts and both palettes."""

_OF_THE_BROWSER = ("the server responded with a status of 4", "Blocked autofocusing on a")
"""What the browser itself says of pages that are as they should be."""

_RUN = "rules => axe.run(document, { runOnly: { type: 'tag', values: rules }, iframes: false })"


@dataclass
class Album:
    """Keeps what was seen of one browser's pages.

    ``weights`` is what each page transferred with all that it loads, as if nothing of it had been here before.
    """

    page: Page
    weights: dict[str, int] = field(default_factory=dict[str, int])
    violations: list[str] = field(default_factory=list[str])
    sideways: list[str] = field(default_factory=list[str])
    said: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self._loaded: list[Response] = []
        self._sizes: dict[str, int] = {}
        self._axe = AXE.read_text()
        self.page.on("response", self._load)
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda fault: self.said.append(str(fault)))
        self.page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))

    def begin(self) -> None:
        """Forget what was seen before."""
        for kept in (self.violations, self.sideways, self.said):
            kept.clear()
        self.weights.clear()

    def _load(self, response: Response) -> None:
        self._loaded.append(response)

    async def look(self, name: str) -> None:
        """Look at the page that the browser shows now, under this name."""
        self.weights[name] = await self._weigh()
        for suffix, size, scheme in LOOKS:
            await self.page.set_viewport_size(size)
            await self.page.emulate_media(color_scheme=scheme)
            path = SCREENSHOTS / f"console-{name}-{suffix}.png"
            await self.page.screenshot(path=path, full_page=True, animations="disabled")
            width = await self.page.locator("html").evaluate("node => node.scrollWidth")
            if width > size["width"]:
                self.sideways.append(f"{name} {suffix}: {width}")
            if suffix in JUDGED:
                self.violations += await self._violations(f"{name} {suffix}")
        await self.page.set_viewport_size(WIDE)
        await self.page.emulate_media(color_scheme="light")

    async def _violations(self, name: str) -> list[str]:
        await self.page.evaluate(self._axe)
        found: dict[str, Any] = await self.page.evaluate(_RUN, RULES)
        return [
            f"{name}: {each['id']}: {node['target']} {node.get('failureSummary', '')[:300]}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    async def _weigh(self) -> int:
        for response in self._loaded:
            if response.url.startswith("data:"):
                continue
            sizes = await response.request.sizes()
            self._sizes[response.url] = max(
                self._sizes.get(response.url, 0), sizes["responseBodySize"] + sizes["responseHeadersSize"]
            )
        links = await self.page.eval_on_selector_all(
            "link[rel=stylesheet], script[src], img[src]", "all => all.map(one => one.href || one.src)"
        )
        self._loaded.clear()
        wanted = {self.page.url, *(link for link in links if not link.startswith("data:"))}
        return sum(self._sizes[url] for url in wanted)

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and not any(words in text for words in _OF_THE_BROWSER):
            self.said.append(text)
