"""The commands that a process manager starts; each does one thing until SIGTERM."""

import importlib
import signal
import threading

import click

from bot import figures, sweeper
from bot.broker import TURNS, Broker
from bot.cli import garbage
from bot.cli.mistakes import explained
from bot.cli.root import Root, installed, read_settings, ready
from bot.cli.worker import TAKES, work
from bot.errors import BrokerAway
from bot.log import configure
from bot.simulator.server import serve


@click.command()
@click.pass_obj
def prepare(root: Root) -> None:
    """Migrate the database, train the shipped model and, in the demo, load its content, where that is missing."""
    configure("prepare")
    settings = ready(root)
    if settings.demo:
        with explained(settings):
            root.load_demo(settings)


@click.command()
@click.argument("queue", type=click.Choice(tuple(TAKES)))
@click.pass_obj
def worker(root: Root, queue: str) -> None:
    """Take jobs from QUEUE."""
    configure(f"worker-{queue}")
    services = installed(root, read_settings())
    figures.serve(services.settings)
    if queue == TURNS:
        services.wiring.nlu.parse(["你好"])  # loads the model, and the SDK, before a customer waits for them
        importlib.import_module("bot.channels.line.speaking")
        garbage.settle()
    work(queue, services.broker)


@click.command()
@click.pass_obj
def ticker(root: Root) -> None:
    """Take what falls due: waiting events, the outbox, clocks."""
    configure("ticker")
    figures.serve(installed(root, read_settings()).settings)
    sweeper.run(_asked_to_stop())


@click.command()
@click.argument("process", type=click.Choice((*TAKES, "ticker")))
@click.pass_obj
def alive(root: Root, process: str) -> None:
    """Exit with 0 if a PROCESS of this kind is at work; for the health checks of containers."""
    broker = Broker(read_settings())
    try:
        well = broker.ticks() if process == "ticker" else broker.workers(process) > 0
    except BrokerAway as error:
        raise click.ClickException(f"Redis does not answer ({error}).") from error
    if not well:
        raise click.ClickException(f"No {process} is at work.")


@click.command()
@click.pass_obj
def simulator(root: Root) -> None:
    """A LINE platform on loopback, for people without a LINE account."""
    configure("simulator")
    settings = installed(root, read_settings()).settings
    if not settings.demo:
        raise click.ClickException("The simulator is for the demo only; here LINE credentials are set.")
    serve(settings, _asked_to_stop())


def _asked_to_stop() -> threading.Event:
    """An event that SIGTERM or Ctrl-C sets."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
