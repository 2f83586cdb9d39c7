"""Applications: registered, changed, given new secrets, removed."""

from dataclasses import replace

import pytest
from tests.journeys.administration.office import ROOT, WIKI, Office

from jitney.errors import Conflict, InvalidInput, NotAllowed
from jitney.model.application import Application, ClientAuthentication
from jitney.model.secret_hash import hash_secret

pytestmark = pytest.mark.anyio

PHONE = Application(
    "phone", "Phone", ("http://127.0.0.1/cb",), authentication=ClientAuthentication.NONE
)  # fmt: skip


async def test_registered_secret_is_shown_once_and_kept_as_a_hash() -> None:
    """R-126: what is kept of a client secret is its hash; the secret itself is returned this once."""
    office = Office()
    made = await office.applications.register(ROOT, WIKI)
    kept = await office.applications.get(ROOT, "wiki")
    assert made.secret is not None
    assert hash_secret(made.secret) == kept.secret_hash
    assert made.secret not in repr(made)
    assert made.secret not in repr(await office.events())


async def test_public_application_gets_no_secret() -> None:
    """R-080: an application that cannot keep a secret has none."""
    made = await Office().applications.register(ROOT, PHONE)
    assert (None, None) == (made.secret, made.application.secret_hash)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"redirect_uris": ()}, "redirect_uris"),
        ({"redirect_uris": ("https://wiki.example/*",)}, "redirect_uris"),
        ({"post_logout_redirect_uris": ("javascript:alert(1)",)}, "post_logout_redirect_uris"),
        ({"identity_providers": ("ghost",)}, "identity_providers"),
        ({"scopes": ("profile",)}, "scopes"),
        ({"id_token_algorithm": "HS256"}, "id_token_algorithm"),
        ({"access_token_seconds": 601}, "access_token_seconds"),
        ({"id": "a b"}, "id"),
        ({"authentication": ClientAuthentication.PRIVATE_KEY_JWT}, "jwks"),
        (
            {"authentication": ClientAuthentication.NONE, "allow_missing_pkce_risky": True},
            "allow_missing_pkce_risky",
        ),
    ],
)
async def test_application_is_checked_when_saved(changes: dict, field: str) -> None:
    """R-078, R-080, R-084: redirect URIs, PKCE and lifetimes are judged at registration, by field."""
    office = Office()
    await office.applications.register(ROOT, PHONE)
    before = office.doors.look()
    with pytest.raises(InvalidInput) as refused:
        await office.applications.register(ROOT, replace(WIKI, **changes))
    assert ("application_invalid", {field}) == (refused.value.code, set(refused.value.fields))
    assert before is office.doors.look()


async def test_brought_secret_must_be_long() -> None:
    """R-126: a secret of which a plain hash is kept has at least 128 bits of chance."""
    office = Office()
    with pytest.raises(InvalidInput) as refused:
        await office.applications.register(ROOT, WIKI, secret="hunter2")
    assert "application_secret_too_short" == refused.value.code
    made = await office.applications.register(ROOT, WIKI, secret="x" * 22)
    assert (None, hash_secret("x" * 22)) == (made.secret, made.application.secret_hash)


async def test_rotated_secret_ends_the_old_one() -> None:
    """A new secret takes the place of the old one at once; a public application has none to rotate."""
    office = Office()
    old = await office.applications.register(ROOT, WIKI)
    await office.applications.register(ROOT, PHONE)
    new = await office.applications.rotate_secret(ROOT, "wiki")
    assert new.secret not in (None, old.secret)
    assert 2 == new.application.version
    with pytest.raises(NotAllowed) as refused:
        await office.applications.rotate_secret(ROOT, "phone")
    assert "application_has_no_secret" == refused.value.code


async def test_change_keeps_the_secret_and_needs_the_version() -> None:
    """P-10: a change on the version that was read keeps the secret; on an older one it is a conflict."""
    office = Office()
    made = (await office.applications.register(ROOT, WIKI)).application
    saved = await office.applications.change(ROOT, replace(made, name="Our wiki"), version=1)
    assert (None, made.secret_hash, 2) == (
        saved.secret,
        saved.application.secret_hash,
        saved.application.version,
    )
    with pytest.raises(Conflict) as refused:
        await office.applications.change(ROOT, made, version=1)
    assert "application_changed" == refused.value.code


async def test_removed_application_is_gone() -> None:
    """An application is removed with its event; its id can be registered anew."""
    office = Office()
    await office.applications.register(ROOT, WIKI)
    with pytest.raises(Conflict):
        await office.applications.register(ROOT, WIKI)
    await office.applications.remove(ROOT, "wiki")
    await office.applications.register(ROOT, WIKI)
