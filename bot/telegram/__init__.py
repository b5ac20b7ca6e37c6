"""Telegram's wire: messages out with an outcome, updates in with an answer. The only room that imports aiogram."""
