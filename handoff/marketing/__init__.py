"""Marketing apart: campaigns and who took part, what is written to them in batches, and whom nobody may write to."""

from handoff.marketing.entering import Register

__all__ = ["Register"]
