"""Documents within bounds and beyond them."""

import json

import pytest

from jitney.errors import InvalidInput
from jitney.jose.limits import parse_json_array, parse_json_object


def document(members: int, *, shape: str) -> bytes:
    """Write a document with so many members in all: in one object, or one in each of a list of objects."""
    if shape == "wide":
        return json.dumps({f"a{number}": 1 for number in range(members)}).encode()
    return json.dumps({"list": [{"a": 1} for _ in range(members - 1)]}).encode()


@pytest.mark.parametrize("shape", ["wide", "listed"])
def test_members_are_bounded_wherever_they_stand(shape):
    """R-071: 2048 members in all are read, one more is refused."""
    assert parse_json_object(document(2048, shape=shape))
    with pytest.raises(InvalidInput) as refused:
        parse_json_object(document(2049, shape=shape))
    assert "json_too_many_keys" == refused.value.code


def test_colons_in_text_are_no_members():
    """R-071: long text with colons and brackets in it is only text."""
    text = "{[:]}" * 3000
    assert {"a": text} == parse_json_object(json.dumps({"a": text}).encode())


def test_the_size_is_bounded():
    """R-071: a document of exactly the size is read, one octet more is refused."""
    assert {} == parse_json_object(b"{}", max_bytes=2)
    with pytest.raises(InvalidInput) as refused:
        parse_json_object(b"{} ", max_bytes=2)
    assert "json_too_large" == refused.value.code


@pytest.mark.parametrize(
    ("unverified", "code"),
    [
        (b"{}", "json_malformed"),
        (b'"[]"', "json_malformed"),
        (b"", "json_malformed"),
        (b"[" * 17 + b"]" * 17, "json_too_deep"),
        (b'[{"a":1,"a":2}]', "json_duplicate_json_key"),
        (b"[" + b" " * 20 + b"]", "json_too_large"),
    ],
)
def test_an_array_is_held_to_the_same_bounds(unverified, code):
    """R-071: where a list is expected, depth, size and names are bounded as in an object."""
    assert [1, {"a": 2}] == parse_json_array(b'[1,{"a":2}]', max_bytes=50)
    with pytest.raises(InvalidInput) as refused:
        parse_json_array(unverified, max_bytes=20 if code == "json_too_large" else 50)
    assert code == refused.value.code
