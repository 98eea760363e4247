"""The stage of the stories that programs tell: a shop without processes, and its API."""

import pytest

import webhook_app
from tests import desk


@pytest.fixture
def current(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        yield shop


@pytest.fixture
def app(current):
    app = webhook_app.create_app(current)
    app.config.update(TESTING=True)
    return app
