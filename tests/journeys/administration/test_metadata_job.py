"""The job that fetches metadata again, in a real house with a real provider."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jitney import app
from jitney.administration.operator import COMMAND_LINE
from jitney.model.changes import SaveIdentityProvider
from jitney.model.identity_provider import IdentityProvider
from jitney.model.saml_connection import MetadataState, SAMLConnection
from jitney.settings import load_settings
from jitney.testing.fake_saml.keys import rsa_key
from jitney.testing.fake_saml_provider import FakeSAMLProvider

pytestmark = pytest.mark.anyio


@pytest.fixture
async def provider() -> AsyncIterator[FakeSAMLProvider]:
    async with FakeSAMLProvider() as provider:
        yield provider


@pytest.fixture
async def house(tmp_path: Path, provider: FakeSAMLProvider) -> AsyncIterator[app.House]:
    place = provider.base.removeprefix("http://")
    file = tmp_path / "deployment.toml"
    file.write_text(f'[outgoing]\nallow = ["{place}"]\n')
    settings = load_settings({"JITNEY_HOME": str(tmp_path)}, config=file, folder=tmp_path)
    async with app.build(settings) as house:
        yield house


async def stored(house: app.House) -> SAMLConnection:
    idp = await house.doors.stored_identity_providers.find_by_name("campus")
    assert idp is not None
    assert isinstance(idp.connection, SAMLConnection)
    return idp.connection


async def looked_at(house: app.House, hours: int) -> None:
    """Have the metadata been fetched so many hours ago."""
    idp = await house.verbs.identity_providers.get(COMMAND_LINE, "campus")
    state = MetadataState(checked=house.doors.clock.now() - timedelta(hours=hours))
    connection = replace(await stored(house), metadata=state)
    await house.doors.work.commit(
        SaveIdentityProvider(replace(idp, connection=connection, version=idp.version + 1))
    )


async def test_new_certificate_is_taken_over_by_the_job(house: app.House, provider: FakeSAMLProvider) -> None:
    """R-061: the job takes over the certificate of a roll-over when it is time, and not before."""
    connection = SAMLConnection("", metadata_url=f"{provider.base}/metadata")
    await house.verbs.identity_providers.add(
        COMMAND_LINE, IdentityProvider("", "campus", "Campus", connection)
    )
    before = await stored(house)
    provider.rotate_key(rsa_key("the next one"))
    await house.jobs.refresh_metadata()
    assert before == await stored(house)
    await looked_at(house, 6)
    await house.jobs.refresh_metadata()
    after = await stored(house)
    assert (provider.entity_id, before.credentials) == (after.entity_id, after.credentials)
    assert before.signing_certificates != after.signing_certificates
    await provider.stop()
    await looked_at(house, 6)
    await house.jobs.refresh_metadata()
    silent = await stored(house)
    assert (after.signing_certificates, "upstream_unreachable") == (
        silent.signing_certificates,
        silent.metadata.fault,
    )
