"""The command `frontline`: what an operator types and what the process manager starts.

`webhook_app` makes the command from its `Root` and the commands that the desk and the content offer.
"""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.cli.root import Root


def main_group(root: "Root", *commands: click.Command) -> click.Group:
    """The command `frontline`, with the engine's commands and those of the packages above it."""
    # Imported here because Gunicorn's master reads its settings from this package and should stay small.
    from bot.cli.backup import backup, restore
    from bot.cli.processes import alive, prepare, simulator, ticker, worker
    from bot.cli.run import run

    @click.group(context_settings={"obj": root})
    def frontline() -> None:
        """Frontline: a chatbot front line with human handoff."""

    for command in (run, prepare, worker, ticker, simulator, alive, backup, restore, *commands):
        frontline.add_command(command)
    return frontline
