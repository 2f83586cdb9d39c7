"""Our style sheets and scripts: a page never wears what an older version of it wore."""

from pathlib import Path

import pytest
from tests.web.pages.pages_house import PagesHouse

from jitney.web.kit.render import STATIC

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", sorted(path.name for path in Path(STATIC).glob("*.[cj]s*")))
async def test_browser_asks_whether_a_file_of_ours_is_still_the_same(house: PagesHouse, name: str) -> None:
    """RFC 9111 5.2.2.4: a kept file is asked about before each use; the same one is not sent twice, another is."""
    address = f"{house.base}/static/{name}"
    first = await house.browser.get(address)
    assert (200, "no-cache") == (first.status, first.response.headers["cache-control"])
    etag = first.response.headers["etag"]
    same = await house.browser.get(address, headers={"if-none-match": etag})
    assert (304, "no-cache", "") == (same.status, same.response.headers["cache-control"], same.text)
    another = await house.browser.get(address, headers={"if-none-match": '"of-an-older-version"'})
    assert (200, first.text) == (another.status, another.text)
