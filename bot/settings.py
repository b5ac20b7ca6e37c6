"""The environment, a `.env` file and secret files become one frozen Settings, or every problem at once.

Each name is `GUETTEUR_` and the field in capitals; `GUETTEUR_<NAME>_FILE` names a file that holds the value (Docker and
systemd secrets). Secrets are SecretStr, so that no repr, log or traceback shows them.
"""

import os
import re
from base64 import b64decode
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import ConfigError, Problem

PREFIX = "GUETTEUR_"
PER_SECOND = {"off": 30, "on": 1000}  # Bot API FAQ on limits; sendMessage, allow_paid_broadcast
SHORTEST_KEY = 24  # characters of a key that opens a page
SHORTEST_SECRET = 24  # bytes of a key that signs (Standard Webhooks)


def signing_key(secret: SecretStr) -> bytes:
    """`whsec_` and base64, or the base64 alone → the key. Raises ValueError when it is neither."""
    return b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)


class SecretFiles(PydanticBaseSettingsSource):
    """`GUETTEUR_BOT_TOKEN_FILE=/run/secrets/token` gives `bot_token` its value."""

    def get_field_value(self, field: object, field_name: str) -> tuple[str | None, str, bool]:  # noqa: ARG002 (the library's signature)
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        return (Path(path).read_text("utf-8").strip() if path else None), field_name, False

    def __call__(self) -> dict[str, str]:
        values = {name: self.get_field_value(None, name)[0] for name in self.settings_cls.model_fields}
        return {name: value for name, value in values.items() if value is not None}


class Settings(BaseSettings):
    """What the operator decides. Defaults run a small server well."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    bot_token: SecretStr = SecretStr("")
    admins: Annotated[tuple[int, ...], NoDecode] = ()
    database_url: SecretStr = SecretStr("sqlite+aiosqlite:///data/guetteur.db")
    config_dir: Path = Path("config")
    telegram_api_url: str = "https://api.telegram.org"
    fetch_allow: Annotated[tuple[str, ...], NoDecode] = ()
    http_listen: str = "127.0.0.1:8080"
    webhook_url: str = ""
    status_token: SecretStr = Field(default=SecretStr(""), description="opens /status; none: this machine alone")
    feeds_out: Literal["off", "on"] = Field(default="off", description="alerts as Atom and JSON Feed, for everybody")
    log: Literal["json", "text"] = "text"
    language: Literal["fr", "en"] = "fr"
    timezone: str = "America/Toronto"
    access: Literal["open", "approval"] = "open"
    contact_url: str = Field(
        default="https://github.com/guetteur/guetteur", description="shown to publishers in User-Agent"
    )

    # Fetching: polite to publishers, bounded for us.
    fetch_at_once: int = Field(default=40, ge=1, le=1000)
    fetch_per_host: int = Field(default=2, ge=1, le=20)
    fetch_seconds: float = Field(default=30, gt=0, description="one whole fetch")
    fetch_idle_seconds: float = Field(default=10, gt=0, description="between two reads")
    fetch_max_bytes: int = Field(default=8 * 1024 * 1024, ge=1024, description="decoded")
    parse_seconds: float = Field(default=10, gt=0)

    # Deciding: what is still news, and how long a story stays open to new outlets.
    fresh_hours: float = Field(default=48, gt=0, description="an item dated earlier is recorded, not told")
    story_hours: float = Field(default=48, gt=0, le=744, description="stories are remembered for 31 days")
    wait_seconds: float = Field(default=0, ge=0, description="let other outlets join before the first message")

    # A message that stands: later outlets are added to it, and a turn of the news may answer it.
    edit_minutes: float = Field(
        default=3, ge=0, description="outlets gather before an edit, and between two of a message"
    )
    edit_hours: float = Field(default=24, ge=0, description="how long a message is edited at all; 0: never")
    developments: Literal["off", "on"] = Field(
        default="on", description="a vote, an agreement … answers the first message"
    )

    # A machine that writes the summaries: off until there is an address (OpenAI-compatible, as https://host/v1).
    post_url: str = Field(default="", description="a program of yours that receives each alert, signed")
    post_secret: SecretStr = Field(default=SecretStr(""), validate_default=True)
    summary_url: str = ""
    summary_model: str = Field(default="", validate_default=True)
    summary_key: SecretStr = SecretStr("")
    summary_seconds: float = Field(default=20, gt=0, le=60, description="then the extract serves")
    summary_tokens: int = Field(default=300, ge=50, le=4000, description="of one answer")
    summary_requests_per_day: int = Field(default=200, ge=0)
    summary_tokens_per_day: int = Field(default=500_000, ge=0, description="sent and received")

    # Telegram's pace: 30 a second in all, 1 a second a chat, 20 a minute a group (Bot API FAQ on limits).
    send_per_second: float = Field(default=29, gt=0)
    paid_broadcast: Literal["off", "on"] = Field(
        default="off", validate_default=True, description="above 30 a second, for Stars (allow_paid_broadcast)"
    )
    send_group_per_minute: float = Field(default=19, gt=0)

    # Keeping: seen-marks outlive items, so that an old item which comes back is not news.
    keep_items_days: int = Field(default=120, ge=1)
    keep_seen_days: int = Field(default=400, ge=1)
    keep_deliveries_days: int = Field(default=60, ge=1)
    keep_backups_days: int = Field(default=7, ge=0, description="of a SQLite database, one a night; 0: none")

    keywords_at_most: int = Field(default=20, ge=0, le=50, description="of a chat's own")

    # Several processes: how soon another takes over from one that died, and when a silent database is given up.
    lease_seconds: float = Field(default=15, ge=1, le=300)
    database_seconds: float = Field(default=30, ge=1, le=600, description="one statement, on PostgreSQL")

    tick_seconds: float = Field(default=1, gt=0, le=60)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del file_secret_settings  # a folder of secrets: ours are named one by one
        return init_settings, env_settings, SecretFiles(settings_cls), dotenv_settings

    @field_validator("paid_broadcast")
    @classmethod
    def _pay_for_speed(cls, value: str, info: ValidationInfo) -> str:
        """What exceeds the pace is refused by Telegram, message by message: better said here."""
        most = PER_SECOND[value]
        if info.data.get("send_per_second", 0) > most:
            msg = f"au plus {most} messages par seconde quand il est {value} : réduisez GUETTEUR_SEND_PER_SECOND"
            raise ValueError(msg)
        return value

    @field_validator("admins", mode="before")
    @classmethod
    def _read_admins(cls, value: object) -> object:
        """Numbers separated by commas or spaces; names are refused, because a name can change hands."""
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("fetch_allow", mode="before")
    @classmethod
    def _read_allow(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("summary_url", "post_url")
    @classmethod
    def _read_address(cls, value: str) -> str:
        if value and not re.match(r"https?://[^/\s]+", value):
            msg = "adresse illisible : écrivez https://hôte/chemin"
            raise ValueError(msg)
        return value

    @field_validator("post_secret")
    @classmethod
    def _want_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        try:
            good = not info.data.get("post_url") or len(signing_key(value)) >= SHORTEST_SECRET
        except ValueError:
            good = False
        if not good:
            msg = (
                f"secret illisible ou trop court : base64 de {SHORTEST_SECRET} octets ou plus (openssl rand -base64 32)"
            )
            raise ValueError(msg)
        return value

    @field_validator("summary_model")
    @classmethod
    def _want_model(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("summary_url") and not value:
            msg = "GUETTEUR_SUMMARY_URL est donnée : nommez aussi le modèle"
            raise ValueError(msg)
        return value

    @field_validator("status_token")
    @classmethod
    def _want_long_key(cls, value: SecretStr) -> SecretStr:
        """A key that can be guessed is no key, and nothing counts the tries."""
        if 0 < len(value.get_secret_value()) < SHORTEST_KEY:
            msg = f"clé trop courte : au moins {SHORTEST_KEY} signes (openssl rand -hex 24)"
            raise ValueError(msg)
        return value

    @field_validator("timezone")
    @classmethod
    def _know_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            msg = f"fuseau horaire inconnu : {value}"
            raise ValueError(msg) from error
        return value

    @field_validator("database_url")
    @classmethod
    def _name_driver(cls, value: SecretStr) -> SecretStr:
        return SecretStr(with_driver(value.get_secret_value()))

    @cached_property
    def hears_by_webhook(self) -> bool:
        """Telegram brings updates: there is a public address, and a server behind it. Otherwise they are asked for."""
        return bool(self.webhook_url and self.http_listen)

    @cached_property
    def fresh_window(self) -> timedelta:
        return timedelta(hours=self.fresh_hours)

    @cached_property
    def edit_wait(self) -> timedelta:
        return timedelta(minutes=self.edit_minutes)

    @cached_property
    def story_window(self) -> timedelta:
        return timedelta(hours=self.story_hours)


def with_driver(url: str) -> str:
    """`postgresql://` and `sqlite://` as people write them, with the drivers we speak. Raises ValueError for others."""
    for plain, driven in (("postgres://", "postgresql://"), ("postgresql://", "postgresql+asyncpg://")):
        if url.startswith(plain):
            url = driven + url.removeprefix(plain)
    if url.startswith("sqlite://"):
        url = "sqlite+aiosqlite://" + url.removeprefix("sqlite://")
    if not url.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
        msg = "base de données inconnue : écrivez sqlite:///data/guetteur.db ou postgresql://hôte/base"
        raise ValueError(msg)
    return url


def load_settings() -> Settings:
    """Settings from the environment. Raises ConfigError naming each variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        problems = tuple(
            Problem(f"{PREFIX}{str(mistake['loc'][0]).upper()}", 0, str(mistake["msg"])) for mistake in error.errors()
        )
        raise ConfigError(problems) from error
    except OSError as error:
        raise ConfigError(
            (Problem(str(error.filename), 0, f"fichier de secret illisible : {error.strerror}"),)
        ) from error
