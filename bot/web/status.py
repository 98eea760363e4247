"""The state of the parts, for the home page."""

from dataclasses import dataclass

from bot import readiness
from bot.services import Services


@dataclass(frozen=True)
class Status:
    """The parts of the system and whether each one works; names where there is a choice."""

    database: bool
    queue: bool
    nlu: bool
    engine: str
    simulated: bool


def ask(services: Services) -> Status:
    states = readiness.states(services)
    return Status(
        database=states["database"] == readiness.OK,
        queue=states["queue"] == readiness.OK,
        nlu=states["nlu"] == readiness.OK,
        engine=services.wiring.nlu.name,
        simulated=services.settings.demo,
    )
