"""Forms with files, as hostile browsers send them: one text for one name, in UTF-8, or a refusal."""

import pytest
from starlette.requests import Request
from starlette.types import Message

from jitney.errors import InvalidInput
from jitney.web.kit.forms import UploadedFile, read_upload

pytestmark = pytest.mark.anyio

FIELD = b'Content-Disposition: form-data; name="a"'
FILE = FIELD + b'; filename="f.xml"'
SOUND = "é 漢\u202e"


def _body(*parts: tuple[bytes, bytes]) -> bytes:
    lines = [b"--XX\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts]
    return b"".join((*lines, b"--XX--\r\n"))


async def _read(
    body: bytes, *, more: bytes = b"; boundary=XX"
) -> tuple[dict[str, str], dict[str, UploadedFile]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"multipart/form-data" + more)]
    scope = {"type": "http", "method": "POST", "path": "/console/x", "headers": headers, "query_string": b""}
    fields, files = await read_upload(Request(scope, receive))
    return dict(fields), dict(files)


@pytest.mark.parametrize(
    "charset", ["undefined", '"a\0b"', "utf-7", "unicode_escape", "punycode", "utf-16", "zlib", "nobody's"]
)
async def test_encoding_that_the_browser_names_is_nothing_to_us(charset: str) -> None:
    """R-128: whatever encoding the header names, a text is UTF-8, and none is made that no database takes."""
    more = f"; boundary=XX; charset={charset}".encode()
    assert {"a": SOUND} == (await _read(_body((FIELD, SOUND.encode())), more=more))[0]
    for octets in (b"+2AA-", b"\\ud800"):
        assert {"a": octets.decode()} == (await _read(_body((FIELD, octets)), more=more))[0]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (_body((FIELD, b"\xff\xfe")), "parameters_malformed"),
        (_body((FIELD, b"\xed\xa0\x80")), "parameters_malformed"),
        (_body((FIELD, b"a\0b")), "parameters_malformed"),
        (_body((FIELD.replace(b"a", b"\xff"), b"x")), "parameters_malformed"),
        (_body((FIELD, b"x"), (FIELD, b"y")), "parameter_repeated"),
        (_body((FIELD, b"x"), (FILE, b"y")), "parameter_repeated"),
        (_body((FILE, b"x"), (FILE, b"y")), "parameter_repeated"),
        (_body(*[(FIELD.replace(b'"a"', b'"%d"' % at), b"x") for at in range(2001)]), "too_many_fields"),
        (_body(*[(FILE.replace(b'"a"', b'"%d"' % at), b"x") for at in range(5)]), "parameters_malformed"),
        (b"no form at all", "parameters_malformed"),
    ],
)
async def test_form_that_says_two_things_or_none_is_refused(body: bytes, code: str) -> None:
    """R-089, R-127: what is no text, comes twice, or is too many is refused; a field and a file are read."""
    with pytest.raises(InvalidInput) as refused:
        await _read(body)
    assert code == refused.value.code
    fields, files = await _read(_body((FIELD, SOUND.encode()), (FILE.replace(b'"a"', b'"b"'), b"\xff")))
    assert ({"a": SOUND}, {"b": UploadedFile("f.xml", b"\xff")}) == (fields, files)


@pytest.mark.parametrize("more", [b"", b"; boundary=", b"; boundary=" + b"x" * 71, b"; boundary=\xff"])
async def test_form_without_a_boundary_is_refused(more: bytes) -> None:
    """R-128: a header that names no boundary is refused, and no bug."""
    with pytest.raises(InvalidInput) as refused:
        await _read(_body((FIELD, b"x")), more=more)
    assert "parameters_malformed" == refused.value.code
    assert {"a": "x"} == (await _read(_body((FIELD, b"x")), more=b'; boundary="XX"'))[0]
