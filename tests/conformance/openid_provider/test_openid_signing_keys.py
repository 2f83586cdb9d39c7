"""Signing keys: published before use, and longer than any token lives."""

from datetime import timedelta

import jwt
import pytest
from tests.web.openid.openid_house import ISSUER, House

from jitney.errors import Misconfigured
from jitney.openid_provider.signing_keys import AT_ONCE, LEAD, OVERLAP, KeyRing
from jitney.openid_provider.tokens import ACCESS_TOKEN_SECONDS, ID_TOKEN_SECONDS
from jitney.testing.counted_entropy import CountedEntropy
from jitney.testing.memory import MemoryDoors
from jitney.testing.standing_clock import StandingClock

pytestmark = pytest.mark.anyio


async def published(house: House) -> set[str]:
    return {key["kid"] for key in (await house.client.get("/oauth2/jwks")).json()["keys"]}


async def signs(house: House) -> str:
    return jwt.get_unverified_header((await house.tokens())["id_token"])["kid"]


async def test_first_start_makes_one_key_of_each_kind_that_signs_at_once():
    """R-092: without keys there is nobody who could know older ones; a second start makes none."""
    doors, clock = MemoryDoors(), StandingClock()
    ring = KeyRing(doors.signing_keys, doors.unit_of_work, clock=clock, entropy=CountedEntropy())
    with pytest.raises(Misconfigured) as missing:
        (await ring.current()).for_algorithm("ES256")
    assert "signing_key_missing" == missing.value.code
    await ring.prepare()
    await ring.prepare()
    keys = await ring.current()
    assert {"ES256", "RS256"} == set(keys.signing)
    assert 2 == len({key["kid"] for key in keys.published}) == len(doors.look().signing_keys)
    assert 2 == len(doors.look().events)


async def test_a_new_key_is_published_before_it_signs(house: House):
    """R-092: published at once, signing after the lead; the old one stays published for the overlap."""
    old, before = await signs(house), await published(house)
    new = await house.provider.keys.rotate("ES256")
    assert before | {new} == await published(house)
    assert old == await signs(house)
    house.clock.advance(LEAD - timedelta(seconds=1))
    await house.sign_in(secret="t" * 43)
    assert old == await signs(house)
    house.clock.advance(timedelta(seconds=6))
    await house.sign_in(secret="u" * 43)
    assert new == await signs(house)
    assert old in await published(house)
    house.clock.advance(OVERLAP)
    assert before - {old} | {new} == await published(house)
    assert timedelta(seconds=max(ACCESS_TOKEN_SECONDS, ID_TOKEN_SECONDS)) < OVERLAP


async def test_no_token_fails_during_a_rotation(house: House):
    """R-092: a token signed by the old key is good until it expires, after the new key took over."""
    house.clock.advance(LEAD)
    await house.provider.keys.rotate("ES256", lead=timedelta(seconds=10))
    token = (await house.tokens())["access_token"]
    house.clock.advance(timedelta(seconds=590))
    assert 200 == (await house.user_info(token)).status_code
    assert ISSUER == jwt.decode(token, options={"verify_signature": False})["iss"]


async def test_a_withdrawn_key_verifies_no_more(house: House):
    """R-092: what a key signed dies with it."""
    token = (await house.tokens())["access_token"]
    state = house.doors.look().copy()
    (kid,) = [key for key, record in state.signing_keys.items() if record.algorithm == "ES256"]
    del state.signing_keys[kid]
    house.doors.publish(state)
    house.clock.advance(timedelta(seconds=5))
    refused = await house.user_info(token)
    assert (401, "jws_unknown_key") == (refused.status_code, refused.headers["jitney-reason"])


async def test_another_nodes_key_is_known_within_seconds(house: House):
    """R-092: nodes share the database and nothing else."""
    other = KeyRing(
        house.doors.signing_keys, house.doors.unit_of_work, clock=house.clock, entropy=CountedEntropy("other")
    )
    await published(house)
    new = await other.rotate("RS256")
    house.clock.advance(timedelta(seconds=5))
    assert new in await published(house)
    assert 2 == len(house.doors.look().events)


async def test_only_public_parts_are_published(house: House):
    """R-092, R-123: no private number leaves the house."""
    keys = (await house.client.get("/oauth2/jwks")).json()["keys"]
    of_any = {"kty", "kid", "alg", "use"}
    assert {frozenset(of_any | {"crv", "x", "y"}), frozenset(of_any | {"n", "e"})} == {
        frozenset(key) for key in keys
    }  # fmt: skip
    ring = await house.provider.keys.current()
    assert "_material" not in repr(ring.signing)


async def test_a_stolen_key_ends_within_seconds(house: House):
    """P-13, R-092: what a stolen key signs is believed for seconds, not for a day; the new key signs by then."""
    token, old = (await house.tokens())["access_token"], await signs(house)
    new = await house.provider.keys.rotate_stolen("ES256", by="operator:command_line")
    assert {old, new} <= await published(house)
    house.clock.advance(AT_ONCE)
    assert new == await signs(house)
    assert 200 == (await house.user_info(token)).status_code
    house.clock.advance(AT_ONCE)
    assert old not in await published(house)
    refused = await house.user_info(token)
    assert (401, "jws_unknown_key") == (refused.status_code, refused.headers["jitney-reason"])
    assert 200 == (await house.user_info((await house.tokens())["access_token"])).status_code
    acts = [event for event in house.doors.look().events if event.target.startswith("signing_key:")]
    assert {"operator:command_line"} == {event.actor for event in acts}


async def test_a_stolen_key_that_was_retired_before_ends_as_soon(house: House):
    """P-13: whoever rotated in the usual way first, and then learnt of the theft, is no worse off."""
    old = await signs(house)
    await house.provider.keys.rotate("ES256")
    await house.provider.keys.rotate_stolen("ES256")
    house.clock.advance(2 * AT_ONCE)
    assert old not in await published(house)
    assert old != await signs(house)


async def test_an_application_that_looks_once_an_hour_never_fails(house: House):
    """P-13, R-092: its cache, of another node, is up to an hour old; through two rotations every token verifies."""
    other = KeyRing(
        house.doors.signing_keys, house.doors.unit_of_work, clock=house.clock, entropy=CountedEntropy("other")
    )
    signers: list[str] = []
    for minute in range(0, 30 * 60, 5):
        if minute % 55 == 0:
            cached = jwt.PyJWKSet.from_dict({"keys": [*(await other.current()).published]})
        if minute in (120, 600):
            await other.rotate("ES256")
        await house.sign_in(secret=f"{minute:043}")
        token = (await house.tokens())["id_token"]
        signers.append(jwt.get_unverified_header(token)["kid"])
        time_is_ours = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
        jwt.decode(token, cached[signers[-1]], ["ES256"], options=time_is_ours, audience="app", issuer=ISSUER)
        house.clock.advance(timedelta(minutes=5))
    assert 3 == len(set(signers))
    assert sorted(signers, key=signers.index) == signers
