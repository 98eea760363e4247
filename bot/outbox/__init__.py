"""The way out: a row before the call, its outcome after; free replies first; nothing said twice.

One call at a time a conversation, in order. What is packed into a call is frozen, with its retry key, as soon as it
may have gone out, so that repeating a push is harmless. A reply that may have gone out is repeated with the same
token only; if that is refused, the row rests as `unknown` until a person settles it.
"""

from bot.outbox.claims import OPEN, Claim, claim, claim_all
from bot.outbox.deciding import let_go, repeatable, resend, settle
from bot.outbox.due import pull_in, take_due
from bot.outbox.echoes import arrived, recognised
from bot.outbox.echoes import look as look_for_echoes
from bot.outbox.ending import BLOCKED
from bot.outbox.quota import read as read_quota
from bot.outbox.quota import read_all as read_quotas
from bot.outbox.sending import deliver, send

__all__ = [
    "BLOCKED",
    "OPEN",
    "Claim",
    "arrived",
    "claim",
    "claim_all",
    "deliver",
    "let_go",
    "look_for_echoes",
    "pull_in",
    "read_quota",
    "read_quotas",
    "recognised",
    "repeatable",
    "resend",
    "send",
    "settle",
    "take_due",
]
