"""A lean HTTP/1.1 connection for the driver: one request at a time, no redirect followed, no cookie kept."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple, Self


class Answer(NamedTuple):
    """An answer: its status, its headers (names in lower case, in their order) and its body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the first header of this name; raises ``KeyError``."""
        for each, value in self.headers:
            if each == name:
                return value
        raise KeyError(name)


class Connection:
    """A connection to one server, kept alive; made with ``open``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    @classmethod
    async def open(cls, host: str, port: int) -> Self:
        """Connect; raises ``OSError``."""
        reader, writer = await asyncio.open_connection(host, port)
        return cls(reader, writer, f"{host}:{port}")

    def close(self) -> None:
        """Hang up."""
        self._writer.close()

    async def get(self, path: str, cookies: str = "") -> Answer:
        """Return the answer to ``GET path``; ``cookies`` is the value of the header, empty for none."""
        cookie = f"cookie: {cookies}\r\n" if cookies else ""
        self._writer.write(f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\n{cookie}\r\n".encode())
        return await self._answer()

    async def post_form(self, path: str, form: str, headers: Mapping[str, str]) -> Answer:
        """Return the answer to ``POST path`` with a form that is encoded already, and with these headers."""
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {self._host}\r\n{more}"
            f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(form)}\r\n\r\n"
        )
        self._writer.write((head + form).encode())
        return await self._answer()

    async def _answer(self) -> Answer:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head[:-4].split("\r\n")
        headers = [
            (name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)
        ]
        length = next((int(value) for name, value in headers if name == "content-length"), 0)
        body = await self._reader.readexactly(length) if length else b""
        return Answer(int(first.split(" ", 2)[1]), headers, body)
