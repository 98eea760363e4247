"""What a process loaded at its start lives as long as the process: looking at it for garbage again and again would
cost a sixth of a turn's CPU."""

import gc

YOUNG, MIDDLE, OLD = 5_000, 20, 20  # Python's own 700, 10, 10 are for programs that load little


def settle() -> None:
    """Call once everything is loaded, before the first job or request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
