"""The stage of the stories of settings: a shop without processes, whoever leads it, and whoever runs the house."""

import pytest
import time_machine
from sqlalchemy import select

import webhook_app
from bot.models import JournalEntry
from tests import desk
from tests.console import signed_in
from tests.desk import AFTERNOON


@pytest.fixture
def clock():
    with time_machine.travel(AFTERNOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def current(tmp_path, postgres, clock):
    with desk.shop(tmp_path, postgres, own_networks="127.0.0.0/8") as shop:
        yield shop


@pytest.fixture
def app(current):
    app = webhook_app.create_app(current)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def lead(app, current):
    return signed_in(app, current, "fang", "supervisor")


@pytest.fixture
def admin(app, current):
    return signed_in(app, current, "root", "admin")


@pytest.fixture
def journal(current):
    """What was written down of some kinds, as (kind, data), oldest first."""

    def read(*starts: str):
        with current.sessions() as session:
            kept = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
            return [(entry.kind, entry.data) for entry in kept if entry.kind.startswith(starts)]

    return read
