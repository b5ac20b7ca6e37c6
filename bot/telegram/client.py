"""A token and an address become a Bot whose network errors say whether the request can have arrived.

aiogram wraps every network failure in one TelegramNetworkError, whose message may hold the address and so the token.
This session raises NeverSent where the request surely did not leave (refused, DNS, TLS, connect timeout), bounds the
time to connect, and puts no address in any message. It never retries.
"""

from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import ClientDecodeError, TelegramNetworkError
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.utils.token import TokenValidationError
from aiohttp import (
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientSSLError,
    ClientTimeout,
    ConnectionTimeoutError,
    ServerDisconnectedError,
)
from pydantic import SecretStr

from bot.errors import ConfigError, Problem

__all__ = ("Bot", "NeverSent", "Session", "make_bot", "raw_result")  # Bot: for those who only pass one on

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0


# The names of the catalogue `cause` for what the network did, the most special kind first.
NEVER_LEFT = (
    (ConnectionTimeoutError, "telegram_unreachable"),
    (ClientConnectorDNSError, "telegram_dns"),
    (ClientSSLError, "telegram_tls"),
)
ANSWER_LOST = (
    (TimeoutError, "telegram_timeout"),
    (ServerDisconnectedError, "telegram_dropped"),
    (ClientPayloadError, "telegram_cut"),
)


class NeverSent(TelegramNetworkError):
    """The connection was never made: Telegram has seen nothing of this call."""


class Session(AiohttpSession):
    """aiogram's session, telling a request that never left from an answer that was lost."""

    def __init__(self, api_url: str, connect_seconds: float, answer_seconds: float) -> None:
        super().__init__(api=TelegramAPIServer.from_base(api_url), timeout=answer_seconds)
        self._connect_seconds = connect_seconds

    async def close(self) -> None:
        """Closes at once: aiohttp waits for TLS to end by itself now, so aiogram's quarter second is spared."""
        if self._session is not None and not self._session.closed:
            await self._session.close()

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ASYNC109 (the library's signature)
    ) -> TelegramType:
        session = await self.create_session()
        url = self.api.api_url(token=bot.token, method=method.__api_method__)
        form = self.build_form_data(bot=bot, method=method)
        limits = ClientTimeout(total=timeout or self.timeout, connect=self._connect_seconds)
        # `from None`: aiohttp's messages quote the address, and the address holds the token.
        try:
            async with session.post(url, data=form, timeout=limits) as answer:
                content = await answer.read()
        except (ClientConnectorError, ConnectionTimeoutError) as error:
            raise NeverSent(method, _name(error, NEVER_LEFT, "telegram_refused")) from None
        except (ClientError, TimeoutError, OSError) as error:
            raise TelegramNetworkError(method, _name(error, ANSWER_LOST, "telegram_network")) from None
        text = content.decode("utf-8", "replace")  # a broken body is for check_response to refuse
        response = self.check_response(bot=bot, method=method, status_code=answer.status, content=text)
        return cast("TelegramType", response.result)


def make_bot(
    token: SecretStr,
    api_url: str,
    *,
    connect_seconds: float = CONNECT_SECONDS,
    answer_seconds: float = ANSWER_SECONDS,
) -> Bot:
    """The Bot for a token and a Bot API server (`GUETTEUR_TELEGRAM_API_URL`); close it with `bot.session.close()`.

    Raises ConfigError when the token cannot be one.
    """
    try:
        return Bot(token.get_secret_value(), session=Session(api_url, connect_seconds, answer_seconds))
    except TokenValidationError as error:
        mend = "recopiez-le tel que @BotFather l’a donné"
        raise ConfigError((Problem("GUETTEUR_BOT_TOKEN", 0, "ce jeton n’en est pas un", mend),)) from error


def raw_result(error: ClientDecodeError) -> Any:
    """What Telegram answered when the library could not read it: a server newer or older than the library knows.

    None when the answer was no JSON of the Bot API's shape at all.
    """
    return error.data.get("result") if isinstance(error.data, dict) and error.data.get("ok") else None


def _name(error: Exception, names: tuple[tuple[type[Exception], str], ...], otherwise: str) -> str:
    return next((name for kind, name in names if isinstance(error, kind)), otherwise)
