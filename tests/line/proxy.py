"""A network between a process and its database that can be cut or swallow everything; one port, no opinion."""

import asyncio
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self


class Network:
    """Forwards to a Unix socket. `cut`: every line is dropped and none is taken. `swallow`: lines stand, and are mute."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._lines: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()
        self._open.set()
        self._up = True

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self.cut()

    async def cut(self) -> None:
        """Every line ends, and new ones are refused until `mend`."""
        self._up = False
        for line in list(self._lines):
            line.cancel()
        if self._lines:
            await asyncio.wait(self._lines)

    def swallow(self) -> None:
        """Nothing gets through and nobody is told, as when a cable is pulled."""
        self._open.clear()

    def mend(self) -> None:
        self._up = True
        self._open.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if not self._up or task is None:
            writer.close()
            return
        self._lines.add(task)
        task.add_done_callback(self._lines.discard)
        with suppress(OSError, asyncio.CancelledError):
            await self._join(reader, writer)
        writer.close()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._socket)
        ways = [
            asyncio.create_task(self._carry(reader, there_writer)),
            asyncio.create_task(self._carry(there_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)  # one side ended: both do
        finally:
            for way in ways:
                way.cancel()
            there_writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                await self._open.wait()
                writer.write(piece)
                await writer.drain()
