"""`python -m benchmarks`: measure Frontline on this machine; every command prints JSON and cleans up after itself."""

import json
import logging
import signal
import sys
from pathlib import Path
from typing import Any

import click
import structlog

from benchmarks.shop import DATABASES

database = click.option("--database", type=click.Choice(DATABASES), default="sqlite", show_default=True)


def seconds(default: float) -> Any:
    return click.option("--seconds", type=click.FloatRange(min=2), default=default, show_default=True)


@click.group(context_settings={"show_default": True})
def main() -> None:
    """Measure Frontline on this machine: loopback only, in a folder of its own that is removed at the end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # told to stop: clean up as at the end
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet, logger_factory=structlog.PrintLoggerFactory(sys.stderr))


def show(result: dict[str, Any]) -> None:
    click.echo(json.dumps(result, ensure_ascii=False, indent=1))


@main.command()
def ack() -> None:
    """CPU of the webhook against a bare handler (HMAC and one INSERT), side by side."""
    from benchmarks import ack

    show(ack.measure())


@main.command()
@database
@seconds(60)
@click.option("--rate", type=click.FloatRange(min=1), default=20.0)
@click.option("--questions", type=click.IntRange(min=200), default=400, help="how many different ones")
def latency(database: str, seconds: float, rate: float, questions: int) -> None:
    """Time from a customer's message to the reply on LINE at a steady rate."""
    from benchmarks import latency

    show(latency.measure(database, rate, seconds, questions))


@main.command()
@database
@seconds(20)
@click.option("--view", type=click.Choice(("characters", "embedding")), default="characters", help="what decides")
@click.option("--first", type=click.FloatRange(min=1), default=60.0, help="rate to begin with")
def rate(database: str, seconds: float, view: str, first: float) -> None:
    """The highest rate of messages without a growing backlog."""
    from benchmarks import rate

    show(rate.measure(database, view, first, seconds))


@main.command()
@database
@click.option("--rounds", type=click.IntRange(min=1), default=10)
@click.argument("sizes", type=click.IntRange(min=1000), nargs=-1)
def growth(database: str, rounds: int, sizes: tuple[int, ...]) -> None:
    """A turn and the console's list with SIZES stored conversations (1000, 100000 and 1000000)."""
    from benchmarks import growth

    show(growth.measure(database, sizes or growth.SIZES, rounds))


@main.command()
@database
@seconds(60)
@click.option("--rate", type=click.FloatRange(min=0.1), default=2.0, help="customers a second who ask for a person")
def notices(database: str, seconds: float, rate: float) -> None:
    """From a customer's webhook until two leads are told, by mail and by push."""
    from benchmarks import notices

    show(notices.measure(database, rate, seconds))


@main.command()
@database
@seconds(60)
@click.option("--consoles", type=click.IntRange(min=1), default=200)
@click.option("--streams", type=click.IntRange(min=1), default=1000, help="open at the end, to see their memory")
@click.option("--rate", type=click.FloatRange(min=0.1), default=0.5, help="customers a second who ask for a person")
def screens(database: str, seconds: float, consoles: int, streams: int, rate: float) -> None:
    """From a handoff to the screens of agents, and the memory of many streams."""
    from benchmarks import screens

    show(screens.measure(database, consoles, streams, rate, seconds))


@main.command()
@database
@seconds(60)
@click.option("--streams", type=click.IntRange(min=1), default=1000)
@click.option("--rate", type=click.FloatRange(min=0.1), default=0.5, help="customers a second who ask for a person")
def streams(database: str, seconds: float, streams: int, rate: float) -> None:
    """The memory of the stream process with many streams: just opened, and after all of them were told of hand-offs."""
    from benchmarks import streams as measured

    show(measured.measure(database, streams, rate, seconds))


@main.command()
@database
@click.option("--tickets", type=click.IntRange(min=1000), default=1_000_000)
@click.option("--messages", type=click.IntRange(min=2000), default=10_000_000)
@click.option("--keep", type=click.Path(file_okay=False, path_type=Path), help="where the shop stays for further runs")
def lists(database: str, tickets: int, messages: int, keep: Path | None) -> None:
    """Every view of the list, and search, in a shop with so many tickets and messages."""
    from benchmarks import lists

    show(lists.measure(database, tickets, messages, keep))


@main.command()
@click.option("--slower", type=click.FloatRange(min=1), default=4.0, help="how many times slower the browser's CPU is")
@click.option("--visits", type=click.IntRange(min=1), default=5)
def paint(slower: float, visits: int) -> None:
    """When Chromium first paints the console and the board, what moves afterwards, and the size of their JavaScript."""
    from benchmarks import paint

    show(paint.measure(slower, visits))


@main.command()
@database
@click.option("--cases", type=click.IntRange(min=100), default=1000)
def claims(database: str, cases: int) -> None:
    """Cases a second that the queue gives out, and that fifty agents take by hand."""
    from benchmarks import claims

    show(claims.measure(database, cases))


@main.command()
@database
@click.argument("sizes", type=click.IntRange(min=10_000), nargs=-1)
def ticks(database: str, sizes: tuple[int, ...]) -> None:
    """The ticker's look at SIZES running clocks (10000, 100000 and 1000000)."""
    from benchmarks import ticks

    show(ticks.measure(database, sizes or (10_000, 100_000, 1_000_000)))


@main.command()
@database
@seconds(20)
def memory(database: str, seconds: float) -> None:
    """Memory of each process after some load."""
    from benchmarks import memory

    show(memory.measure(database, seconds))


@main.command()
@database
@click.option("--articles", type=click.IntRange(min=100), default=50_000)
def search(database: str, articles: int) -> None:
    """The search of articles: its time among so many, and how often the right one comes first."""
    from benchmarks import search

    show(search.measure(database, articles))


@main.command()
def nlu() -> None:
    """The understanding alone: training, memory, accuracy on the held-out tests, time by view."""
    from benchmarks import nlu

    show(nlu.measure())


@main.command()
@seconds(20)
@click.option("--rate", type=click.FloatRange(min=1), default=10.0)
@click.option("--pipeline", "pipelines", multiple=True, default=["rasa_with_our_component", "rasa_diet"])
def rasa(seconds: float, rate: float, pipelines: tuple[str, ...]) -> None:
    """Rasa beside us, with our component and with DIET: accuracy, training, time, memory, and its REST channel."""
    from benchmarks import rasa

    show(rasa.measure(rate, seconds, pipelines))


if __name__ == "__main__":
    main()
