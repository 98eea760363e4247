"""The settings of the house: one page that lists them all, and a page for each that is at home nowhere else."""

from handoff.console.house import calendars, channels, marks, programs, tokens
from handoff.console.house.pages import blueprint

__all__ = ["blueprint", "calendars", "channels", "marks", "programs", "tokens"]
