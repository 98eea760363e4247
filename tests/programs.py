"""Programs that work on the desk through `/api/v1`."""

from collections.abc import Sequence
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from bot.api import tokens
from bot.services import Services
from tests import desk


class Program:
    """What calls the API."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client, self.token = app.test_client(), token

    def call(self, method: str, path: str) -> TestResponse:
        return self.client.open(f"/api/v1{path}", method=method, headers=self._headers())

    def get(self, path: str) -> TestResponse:
        return self.call("GET", path)

    def post(self, path: str, key: str = "", **body: Any) -> TestResponse:
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def put(self, path: str, **body: Any) -> TestResponse:
        return self.client.put(f"/api/v1{path}", json=body, headers=self._headers())

    def patch(self, path: str, **body: Any) -> TestResponse:
        return self.client.patch(f"/api/v1{path}", json=body, headers=self._headers())

    def delete(self, path: str) -> TestResponse:
        return self.call("DELETE", path)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def hired(app: Flask, role: str, name: str = "", scopes: Sequence[str] = ()) -> Program:
    """A program with a token of its own, of this role, and with these scopes or all that the role may."""
    current: Services = app.extensions["frontline"]
    with current.sessions.begin() as session:
        return Program(app, tokens.create(session, name or role, role, scopes))


def opened(current: Services, name: str = "陳怡君", **wish: Any) -> tuple[str, int, int]:
    """A case that nobody has: its number, the customer's message, and the conversation."""
    with current.sessions.begin() as session:
        conversation = desk.customer(session, name)
        said = desk.writes(session, conversation, "我要找真人")
        ref = current.wiring.desk.open(session, desk.wish_for_a_person(conversation, **wish))
        return ref.number, said.id, conversation.id
