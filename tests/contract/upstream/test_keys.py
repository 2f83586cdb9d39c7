"""The provider's keys rotate without a hitch, are withdrawn in time, and are never asked for more than is due."""

import asyncio

import pytest
from tests.contract.upstream.travelling import Traveller

from jitney.errors import UpstreamRejected, UpstreamUnavailable
from jitney.testing.fake_oidc_provider import Lie

pytestmark = pytest.mark.anyio


async def refusal_of(traveller: Traveller) -> str:
    with pytest.raises((UpstreamRejected, UpstreamUnavailable)) as refused:
        await traveller.travel()
    return refused.value.code


async def test_many_sign_ins_ask_for_the_keys_once(traveller: Traveller) -> None:
    """R-073: fifty at once, and one later, are one question."""
    identities = await asyncio.gather(*(traveller.travel() for _ in range(50)))
    await traveller.travel()
    assert {"acme-ada"} == {identity.subject for identity in identities}
    assert 1 == traveller.provider.received.jwks_requests


async def test_new_key_is_taken_at_once(traveller: Traveller) -> None:
    """R-073, P-13: a key that was not there a moment ago verifies, and costs one more question."""
    await traveller.travel()
    traveller.provider.rotate_keys()
    identity = await traveller.travel()
    assert ("acme-ada", 2) == (identity.subject, traveller.provider.received.jwks_requests)


async def test_rotation_under_load_refuses_nobody(traveller: Traveller) -> None:
    """P-13: fifty who return with tokens of the new key at once ask once among them."""
    await traveller.travel()
    traveller.provider.rotate_keys(withdraw=True)
    identities = await asyncio.gather(*(traveller.travel() for _ in range(50)))
    assert (50, 2) == (len(identities), traveller.provider.received.jwks_requests)


async def test_unknown_keys_are_asked_for_once_a_minute(traveller: Traveller) -> None:
    """R-073: invented key names do not make us hammer the provider; a real rotation is seen a minute later."""
    await traveller.travel()
    traveller.provider.lie(Lie.UNKNOWN_KID)
    codes = [await refusal_of(traveller) for _ in range(5)]
    asked = traveller.provider.received.jwks_requests
    traveller.clock.advance(seconds=59)
    codes.append(await refusal_of(traveller))
    still = traveller.provider.received.jwks_requests
    traveller.clock.advance(seconds=1)
    codes.append(await refusal_of(traveller))
    assert {"id_token_unknown_key"} == set(codes)
    assert (2, 2, 3) == (asked, still, traveller.provider.received.jwks_requests)


async def test_withdrawn_key_stops_within_five_minutes(traveller: Traveller) -> None:
    """R-073: whoever stole the old key has it for five minutes more, and no second longer."""
    await traveller.travel()
    traveller.provider.lie(Lie.WITHDRAWN_KEY)
    traveller.clock.advance(minutes=4, seconds=59)
    still = await traveller.travel()
    traveller.clock.advance(seconds=1)
    assert ("acme-ada", "id_token_unknown_key") == (still.subject, await refusal_of(traveller))
    traveller.provider.be_honest()
    assert "acme-ada" == (await traveller.travel()).subject


async def test_withdrawn_key_stops_at_once_after_a_refresh(traveller: Traveller) -> None:
    """R-073: a set without the key replaces the set with it, whatever caused the question."""
    await traveller.travel()
    traveller.provider.rotate_keys(withdraw=True)
    await traveller.travel()
    traveller.provider.lie(Lie.WITHDRAWN_KEY)
    traveller.clock.advance(seconds=1)
    assert "id_token_unknown_key" == await refusal_of(traveller)


@pytest.mark.parametrize(
    "lie", [Lie.JWKS_500, Lie.JWKS_GARBAGE, Lie.JWKS_SYMMETRIC_KEY, Lie.JWKS_DUPLICATE_KIDS]
)
async def test_failing_key_set_never_widens_trust(traveller: Traveller, lie: Lie) -> None:
    """R-073: known keys stand in for an hour, no key joins them, and then nothing verifies."""
    await traveller.travel()
    traveller.provider.lie(lie)
    traveller.clock.advance(minutes=59)
    if lie is not Lie.JWKS_SYMMETRIC_KEY:  # with this lie the provider signs with the key that it slipped in
        assert "acme-ada" == (await traveller.travel()).subject
    traveller.provider.rotate_keys()
    expected = "id_token_algorithm_not_allowed" if lie is Lie.JWKS_SYMMETRIC_KEY else "id_token_unknown_key"
    assert expected == await refusal_of(traveller)
    traveller.clock.advance(minutes=1)
    assert (await refusal_of(traveller)).startswith("key_set_")
    traveller.provider.be_honest()
    assert "acme-ada" == (await traveller.travel()).subject


async def test_symmetric_algorithm_in_the_settings_widens_nothing(traveller: Traveller) -> None:
    """R-072: even if an operator lists HS256, no shared secret signs anybody in."""
    traveller.configure(algorithms=("ES256", "HS256"))
    traveller.provider.lie_next(Lie.HS256_WITH_CLIENT_SECRET)
    assert "id_token_algorithm_not_allowed" == await refusal_of(traveller)
    assert "acme-ada" == (await traveller.travel()).subject


async def test_algorithm_off_the_list_is_refused(traveller: Traveller) -> None:
    """R-051: ``alg`` is one of those on the provider's list."""
    traveller.configure(algorithms=("RS256",))
    assert "id_token_algorithm_not_allowed" == await refusal_of(traveller)
    traveller.configure(algorithms=("RS256", "ES256"))
    assert "acme-ada" == (await traveller.travel()).subject
