"""Documents within bounds and beyond them."""

import json

import pytest

from jitney.errors import InvalidInput
from jitney.jose.limits import parse_json_object


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
