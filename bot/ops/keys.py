"""A secret → others derived from it, one for each use, and the only comparison that secrets are given.

What is derived does not tell what it came from, and changes with it; nothing has to be kept (HMAC as a key derivation,
RFC 5869 § 2.3 with one block). Must never log.
"""

import hmac


def derive(secret: str, purpose: str) -> str:
    """64 hexadecimal digits for one use of `secret`."""
    return hmac.new(secret.encode(), f"guetteur {purpose}".encode(), "sha256").hexdigest()


def webhook_secret(token: str) -> str:
    """What Telegram must say to be believed, in the signs that the Bot API allows (setWebhook, secret_token)."""
    return derive(token, "webhook")


def same(said: str, secret: str) -> bool:
    """Whether they are equal, in a time that does not tell how much of them is."""
    return hmac.compare_digest(said.encode(errors="replace"), secret.encode())
