"""A wire that can be cut: it stands between a house and a service, on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit, urlunsplit

CHUNK = 1 << 16


class Proxy:
    """Passes bytes on while it is whole. Cut, it drops every connection and takes none; stalled, it takes all and passes nothing."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        self._service = (parts.hostname, parts.port)
        self._url = parts
        self._cut = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._word = b""
        self._then: Callable[[], None] | None = None
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The service's address, by way of the proxy."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        account = self._url.netloc.rpartition("@")[0]
        return urlunsplit(
            self._url._replace(netloc=f"{account}@{host}:{port}" if account else f"{host}:{port}")
        )

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        self._flowing.set()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        self._cut = True
        for end in self._ends:
            end.transport.abort()

    def stall(self) -> None:
        self._flowing.clear()

    def heal(self) -> None:
        self._cut = False
        self._flowing.set()

    def at(self, word: bytes, then: Callable[[], None]) -> None:
        """Do this once, the next time a client sends these bytes, before the service has seen them."""
        self._word, self._then = word, then

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await self._joined(reader, writer)
        finally:
            self._running.discard(task)

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        try:
            onward_reader, onward = await asyncio.open_connection(*self._service)
        except OSError:
            writer.transport.abort()
            return
        self._ends |= {writer, onward}
        try:
            await asyncio.gather(
                self._passed(reader, onward, self._watched), self._passed(onward_reader, writer, None)
            )
        finally:
            self._ends -= {writer, onward}

    async def _passed(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        watch: Callable[[bytes], None] | None,
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(CHUNK):
                if watch is not None:
                    watch(chunk)
                await self._flowing.wait()
                writer.write(chunk)
                await writer.drain()
        writer.close()

    def _watched(self, chunk: bytes) -> None:
        if self._then is not None and self._word in chunk:
            then, self._then = self._then, None
            then()


@asynccontextmanager
async def between(url: str) -> AsyncIterator[Proxy]:
    """A proxy before the service of that address."""
    proxy = Proxy(url)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
