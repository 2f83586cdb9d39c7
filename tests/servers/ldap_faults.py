"""What a tampering proxy needs to know of LDAP: which operation a request is, and how to refuse it."""

from dataclasses import dataclass

# The application tags of RFC 4511: of a request, and of the response to it.
_REQUESTS = {"bind": 0x60, "search": 0x63, "modify": 0x66, "add": 0x68, "delete": 0x4A, "rename": 0x6C}
_RESPONSES = {0x60: 0x61, 0x63: 0x65, 0x66: 0x67, 0x68: 0x69, 0x4A: 0x6B, 0x6C: 0x6D}

BUSY, UNAVAILABLE, UNWILLING, OTHER = 51, 52, 53, 80
TIME_LIMIT, SIZE_LIMIT, ADMIN_LIMIT = 3, 4, 11


@dataclass(frozen=True)
class Operations:
    """Whether a piece of a plain connection begins with one of these operations."""

    tags: frozenset[int]

    def __call__(self, request: bytes) -> bool:
        """Look at one piece, which is one message as clients send them."""
        parsed = _head(request)
        return parsed is not None and parsed[1] in self.tags


@dataclass(frozen=True)
class Refusal:
    """Answers these operations with a result code, and leaves the others to the server."""

    operations: Operations
    code: int
    text: str

    def __call__(self, request: bytes) -> bytes | None:
        """The answer to one message, or ``None``."""
        parsed = _head(request)
        if parsed is None or not self.operations(request):
            return None
        number, tag = parsed
        result = _piece(0x0A, bytes([self.code])) + _piece(0x04, b"") + _piece(0x04, self.text.encode())
        return _piece(0x30, _piece(0x02, number) + _piece(_RESPONSES[tag], result))


def is_operation(*names: str) -> Operations:
    """For ``TcpShim.swallow_answers``: any of bind, search, add, modify, delete and rename."""
    return Operations(frozenset(_REQUESTS[name] for name in names))


def refusing(code: int, *names: str, text: str = "") -> Refusal:
    """For ``TcpShim.answer``: refuse these operations with a result code."""
    return Refusal(is_operation(*names), code, text)


def _head(request: bytes) -> tuple[bytes, int] | None:
    """The message number, as it is written, and the operation's tag."""
    if len(request) < 7 or request[0] != 0x30:
        return None
    start = 2 + (request[1] & 0x7F if request[1] & 0x80 else 0)
    if request[start : start + 1] != b"\x02":
        return None
    end = start + 2 + request[start + 1]
    return (request[start + 2 : end], request[end]) if end < len(request) else None


def _piece(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content
