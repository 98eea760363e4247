"""What a process works with: settings, database, broker and the wiring. Installed once by `webhook_app`.

RQ jobs are dotted names with ids, so they find their services here.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Engine

from bot import db, journal
from bot.breaker import Breaker
from bot.broker import Broker
from bot.errors import SettingsError
from bot.nlu import policy
from bot.ports import Wiring
from bot.settings import Settings

Address = tuple[str | int, ...]


@dataclass(frozen=True)
class Services:
    """Everything with a connection or an implementation behind it."""

    settings: Settings
    engine: Engine
    sessions: db.Sessions
    broker: Broker
    wiring: Wiring
    known: dict[Address, int] = field(default_factory=dict)
    """Ids of accounts and conversations that this process saw committed; those rows are never deleted."""
    breaker: Breaker = field(default_factory=Breaker)


_installed: list[Services] = []


def build(settings: Settings, wire: Callable[[Settings, db.Sessions], Wiring]) -> Services:
    """Make services for `settings`; nothing is contacted yet."""
    engine = db.connect(settings)
    sessions, broker = db.sessions(engine), Broker(settings)
    broker.attend(sessions)
    journal.attend(sessions)
    return Services(settings, engine, sessions, broker, wire(settings, sessions))


def install(services: Services) -> Services:
    """Make `services` those of this process (tests install their own)."""
    _installed[:] = [services]
    policy.follow(services.sessions)
    return services


def current() -> Services:
    """The services of this process."""
    if not _installed:
        raise SettingsError("no services installed: start through `frontline` or webhook_app")
    return _installed[0]
