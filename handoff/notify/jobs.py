"""What the ticker does for notices; each job is harmless when two tickers do it."""

from bot.services import Services
from bot.sweeper import every
from handoff.notify import backup, digest, lanes, reading

PAUSE = 0.2


@every(PAUSE)
def read_journal(current: Services) -> None:
    reading.look(current)


@every(PAUSE)
def send_notices(current: Services) -> None:
    lanes.dispatch(current)


@every(5)
def call_backups(current: Services) -> None:
    backup.call(current)


@every(30)
def send_digest(current: Services) -> None:
    digest.send(current)
