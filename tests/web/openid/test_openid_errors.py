"""The one table from faults to the words of RFC 6749."""

import re
from pathlib import Path

import pytest
from tests.web.openid.openid_house import House

import jitney.openid_provider
from jitney import errors
from jitney.errors import JitneyError
from jitney.web.openid.errors import STATUS, WORDS, Place, error_response, error_word

ROOM = Path(jitney.openid_provider.__file__).parent
KNOWN = {
    "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
    "invalid_scope", "unsupported_response_type", "access_denied", "server_error", "temporarily_unavailable",
    "login_required", "request_not_supported", "request_uri_not_supported", "registration_not_supported",
    "invalid_token", "insufficient_scope", "unmet_authentication_requirements",
}  # fmt: skip


def leaves() -> list[type[JitneyError]]:
    return [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, JitneyError)
    ]


@pytest.mark.parametrize("kind", leaves())
@pytest.mark.parametrize("place", list(Place))
def test_every_kind_of_fault_has_a_word_everywhere(kind: type[JitneyError], place: Place):
    """House: every leaf of the tree of faults is translated, and no operator's detail is."""
    fault = kind("some_reason", "A sentence.", secret="operators-only")
    answer = error_response(fault, place)
    assert error_word(fault, place) in KNOWN
    assert STATUS.get(error_word(fault, place), 400) == answer.status_code
    assert b"operators-only" not in answer.body


def test_every_named_reason_is_one_that_somebody_gives():
    """House: the table has not drifted from the room that it translates."""
    source = "".join(
        path.read_text() for path in (*ROOM.glob("*.py"), *Path("src/jitney/web/openid").glob("*.py"))
    )
    for code in WORDS:
        stem = code.removesuffix("_not_supported") if code.startswith(("request_", "registration")) else code
        assert re.search(rf'"{code}"', source.replace(f'"{code}": "', "")) or f'"{stem}"' in source, code
    assert KNOWN.issuperset(WORDS.values())


@pytest.mark.anyio
async def test_a_store_that_is_away_is_no_refusal(house: House):
    """R-150, P-11: 503 with Retry-After, and the code can be redeemed once the store is back."""
    code = await house.code()
    state = house.doors.look()
    house.doors.publish(_Away(state))  # pyright: ignore[reportArgumentType]
    answer = await house.redeem(code)
    assert (503, "temporarily_unavailable", "5") == (
        answer.status_code, answer.json()["error"], answer.headers["retry-after"],
    )  # fmt: skip
    house.doors.publish(state)
    assert 200 == (await house.redeem(code)).status_code


@pytest.mark.anyio
async def test_not_knowing_is_no_answer_about_a_token(house: House):
    """R-024: introspection does not call a token inactive, nor active, while a store is away."""
    token = (await house.tokens())["access_token"]
    state = house.doors.look()
    house.doors.publish(_Away(state))  # pyright: ignore[reportArgumentType]
    answer = await house.post("/oauth2/introspect", token=token)
    assert (503, "temporarily_unavailable") == (answer.status_code, answer.json()["error"])
    house.doors.publish(state)
    assert (await house.post("/oauth2/introspect", token=token)).json()["active"]


class _Away:
    """A state whose users cannot be read."""

    def __init__(self, state: object) -> None:
        self._state = state

    def __getattr__(self, name: str) -> object:
        if name == "users":
            raise errors.UserStoreUnavailable("user_store_unavailable", "A store does not answer.")
        return getattr(self._state, name)
