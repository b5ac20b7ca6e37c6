"""A newcomer's browser → the real bot, without a token: a chat page before the stand-in of Telegram."""
