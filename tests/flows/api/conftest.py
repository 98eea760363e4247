"""The stage of the stories that programs tell: a shop without processes, and its API."""

import pytest
from click.testing import CliRunner

import webhook_app
from bot import cli
from bot.cli.root import Root
from bot.cli.tokens import token
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


@pytest.fixture
def command(current):
    """`frontline token`, as operators type it."""
    root = Root(lambda _: None, lambda _: None, lambda _: current)
    return lambda *words: CliRunner().invoke(cli.main_group(root, token), ["token", *words])
