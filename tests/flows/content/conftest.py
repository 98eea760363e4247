"""The stage of the stories of content: a shop without processes, who writes and who approves."""

import pytest

import webhook_app
from tests import desk
from tests.console import signed_in
from tests.content import Writer


@pytest.fixture
def current(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        yield shop


@pytest.fixture
def app(current):
    app = webhook_app.create_app(current)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def hsu(app, current):
    return Writer(signed_in(app, current, "hsu", "editor"))


@pytest.fixture
def mei(app, current):
    return Writer(signed_in(app, current, "mei", "editor"))


@pytest.fixture
def ho(app, current):
    return Writer(signed_in(app, current, "ho", "reviewer"))
