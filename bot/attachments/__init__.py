"""Files of messages: fetched after the message is stored, looked at, kept outside the database, and taken back.

A message that carries a file gets its row in its own transaction. Everything after that is a due row: whoever dies in
between is followed by another, who writes to the same place. Nobody believes a file's name or what the sender says
that it is; the bytes decide how it is shown, and what is not known for harmless is only ever downloaded.
"""

from bot.attachments.apart import busy, tend_apart
from bot.attachments.counting import PICTURES, count_pictures
from bot.attachments.due import any_due, pull_in, take_due
from bot.attachments.fetching import tend
from bot.attachments.rows import expect, forget, retry, small_copy
from bot.attachments.storing import Store, store
from bot.attachments.uploading import forget_unsent

__all__ = [
    "PICTURES",
    "Store",
    "any_due",
    "busy",
    "count_pictures",
    "expect",
    "forget",
    "forget_unsent",
    "pull_in",
    "retry",
    "small_copy",
    "store",
    "take_due",
    "tend",
    "tend_apart",
]
