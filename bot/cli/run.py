"""`frontline run`: everything on one machine, from an empty folder to a page that answers."""

import http.client
import shutil
import sys
import threading
import time
from pathlib import Path

import click

from bot.cli import checks, topology, valkey
from bot.cli.output import say, welcome
from bot.cli.root import Root, read_settings
from bot.cli.supervisor import Program, Supervisor, Surroundings
from bot.log import configure
from bot.settings import Settings

PATIENCE = 120.0


@click.command()
@click.pass_obj
def run(root: Root) -> None:
    """Start and supervise everything on this machine, until Ctrl-C."""
    configure("supervisor")
    settings = read_settings()
    checks.secret_key(settings)
    checks.data_folder(settings)
    checks.database(settings)
    server = checks.valkey_server(settings)
    lock = checks.only_one(settings)
    checks.free_ports(settings)
    values = topology.environment(settings)
    metrics = Path(values["PROMETHEUS_MULTIPROC_DIR"])
    _forget(metrics)  # counters belong to processes, and those of the last run are gone
    metrics.mkdir()
    supervisor = Supervisor(Surroundings(values, say, keep_open=(lock,)))
    supervisor.stop_on_signals()
    try:
        _start(supervisor, settings, values, server)
        _greet_when_ready(settings, root)
        supervisor.watch()
    finally:
        say("frontline", "stopping")
        supervisor.stop()
        _forget(metrics)


def _forget(metrics: Path) -> None:
    shutil.rmtree(metrics, ignore_errors=True)


def _start(supervisor: Supervisor, settings: Settings, values: dict[str, str], server: Path | None) -> None:
    if server:
        supervisor.start(valkey.program(settings, server))
    if not supervisor.finish(Program("prepare", ("frontline", "prepare"))):
        if supervisor.asked_to_stop:
            return
        raise click.ClickException("The data folder could not be prepared; the lines above say why.")
    if not valkey.answers(settings):
        raise click.ClickException(
            "Redis does not answer: see valkey.log in the data folder, or the server that REDIS_URL names."
        )
    for program in topology.programs(settings, values):
        supervisor.start(program)


def _greet_when_ready(settings: Settings, root: Root) -> None:
    """Wait beside the supervisor, which has processes to tend meanwhile."""

    def wait() -> None:
        deadline = time.monotonic() + PATIENCE
        while not (ready := _ready(settings)) and time.monotonic() < deadline:
            time.sleep(0.2)
        click.echo(welcome(settings, root.sign_ins) if ready else _not_ready(settings))
        sys.stdout.flush()

    threading.Thread(target=wait, daemon=True).start()


def _ready(settings: Settings) -> bool:
    """Whether /readyz is green."""
    web = http.client.HTTPConnection(topology.address(settings), settings.port, timeout=5)
    try:
        web.request("GET", "/readyz")
        return web.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False  # not listening yet
    finally:
        web.close()


def _not_ready(settings: Settings) -> str:
    where = f"http://{topology.address(settings)}:{settings.port}/readyz"
    return f"frontline: not ready after {PATIENCE:.0f} s; {where} names what is missing"
