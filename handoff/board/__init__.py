"""The supervisor's board: how the desk stands now, and what clears a jam in two clicks."""

from handoff.board import acting
from handoff.board.routes import blueprint

__all__ = ["acting", "blueprint"]
