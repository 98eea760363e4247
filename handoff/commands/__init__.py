"""The desk's command groups, one module each, for a terminal or a script."""

from handoff.commands.hooks import hook
from handoff.commands.notices import notices
from handoff.commands.sla import sla
from handoff.commands.team import team
from handoff.commands.tickets import tickets

__all__ = ["hook", "notices", "sla", "team", "tickets"]
