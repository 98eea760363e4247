"""Doing in the test's process what is due, with RQ's own worker."""

from rq import SimpleWorker
from rq.serializers import JSONSerializer

from bot import services, sweeper
from bot.broker import BUILDS, FILES, TURNS
from bot.cli.worker import TAKES
from bot.services import Services


class Hand(SimpleWorker):
    """Nobody sends it commands, so it listens for none: to leave off listening often takes RQ a whole second."""

    def subscribe(self) -> None:
        return


def do_all(current: Services) -> None:
    """The ticker's round, then the queue until it is empty; files that came with it as well."""
    services.install(current)
    sweeper.wake_events(current)
    sweeper.wake_outbox(current)
    _empty(current, *TAKES[TURNS])
    sweeper.wake_files(current)
    if current.broker.backlog(FILES):
        _empty(current, FILES)


def build_all(current: Services) -> None:
    """What the builder does."""
    services.install(current)
    _empty(current, BUILDS)


def _empty(current: Services, *names: str) -> None:
    queues = [current.broker.queue(name) for name in names]
    worker = Hand(queues, connection=current.broker.redis, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="WARNING")
