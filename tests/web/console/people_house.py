"""Somebody who came by Acme with hostile words, and what a page about them may and may not hold."""

from typing import Any

from tests.servers.http_browser import Hop
from tests.web.console.console_house import ConsoleHouse

from jitney.model.account_link import AccountLink
from jitney.model.changes import AddAccountLink
from jitney.model.user import AttributeValue, GivenBy, Provenance, User

EVIL = "<script>alert(1)</script>\u202e\"'&{{ 7*7 }}"
"""What a provider says of somebody: markup, quotes, a template, and letters that turn the line around."""

SUBJECT = f"s-{EVIL}"
BY_ACME = Provenance(GivenBy.IDENTITY_PROVIDER, "idp-acme")


async def add_provisioned(console: ConsoleHouse, name: str = "ada", **changed: Any) -> User:
    """Add somebody as Acme's policy would have, with hostile claims, and a link of a hostile subject."""
    given = (AttributeValue(f"{name} {EVIL}", BY_ACME),)
    attributes = {"name": given, "nickname": given, f"claim {EVIL}"[:60]: given}
    user = await console.pages.add_local(name, origin="idp-acme", **{"attributes": attributes, **changed})
    now = console.house.doors.clock.now()
    link = AccountLink("idp-acme", f"{SUBJECT}-{name}", user.id, "PRIMARY", now)
    await console.house.doors.work.commit(AddAccountLink(link))
    return user


async def user_of(console: ConsoleHouse, id: str) -> User | None:
    """Return somebody as they are kept now."""
    store = await console.house.doors.user_stores.find("PRIMARY")
    return await store.find(id)


def assert_inert(page: Hop) -> None:
    """Nothing that came from a provider is markup, and the policy lets no script run."""
    assert "<script" not in page.text
    assert "49" not in page.text.split("{{ 7*7 }}")[0][-20:]
    policy = page.response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert " style=" not in page.text
    assert " onclick=" not in page.text
