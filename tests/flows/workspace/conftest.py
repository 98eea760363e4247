"""An agent at her console, around the clock."""

import pytest

import webhook_app
from tests import console, desk


@pytest.fixture
def current(tmp_path, postgres):
    with desk.shop(tmp_path, postgres, open_hours="00:00-24:00") as shop:
        yield shop


@pytest.fixture
def app(current):
    app = webhook_app.create_app(current)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def wang(app, current):
    return console.signed_in(app, current, "wang", "agent")
