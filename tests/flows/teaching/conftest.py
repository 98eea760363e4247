"""The stage of the stories of teaching: a shop that has little to learn, who teaches and who decides what is live."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import webhook_app
from bot.services import Services
from tests import teaching
from tests.console import signed_in
from tests.fakes_nlu import FakeRasa


@pytest.fixture
def shop(tmp_path: Path, postgres: str | None, asked_first: FakeRasa | None) -> Iterator[Services]:
    with teaching.shop(tmp_path, postgres, asked_first) as shop:
        yield shop


@pytest.fixture
def app(shop: Services) -> Flask:
    app = webhook_app.create_app(shop)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture
def editor(app: Flask, shop: Services) -> FlaskClient:
    return signed_in(app, shop, "editor", "editor")


@pytest.fixture
def reviewer(app: Flask, shop: Services) -> FlaskClient:
    return signed_in(app, shop, "reviewer", "reviewer")
