"""Who a customer is, proved by a one-time code that goes to an address of his, or by an order of his and its phone.

The code is made in the moment in which it is sent and kept as a digest; it is in no log, no row and no job.
"""

from bot.proving.checks import (
    LIFE,
    Outcome,
    begin,
    by_order,
    forget,
    is_open,
    left,
    newest,
    proof,
    recent,
    sent_to,
    tried,
)
from bot.proving.sending import deliver, look
from bot.proving.ways import masked, ways

__all__ = [
    "LIFE",
    "Outcome",
    "begin",
    "by_order",
    "deliver",
    "forget",
    "is_open",
    "left",
    "look",
    "masked",
    "newest",
    "proof",
    "recent",
    "sent_to",
    "tried",
    "ways",
]
