"""Who comes in through the web: Flask's test client, as far as stories use it, but over HTTP to the processes."""

import itertools
import re
from collections.abc import Sequence
from typing import Any

import requests
from werkzeug.wrappers import Response

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """One browser, or LINE: keeps its cookies, and takes the next web process for each request."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = itertools.cycle(urls)
        self._session = requests.Session()
        self._token = ""

    def get(self, path: str, **given: Any) -> Response:
        return self._ask("GET", path, **given)

    def post(self, path: str, data: Any = None, headers: dict[str, str] | None = None) -> Response:
        """A form carries the token that its page would have had."""
        form = not isinstance(data, bytes)
        return self._ask("POST", path, data=data, headers=(self._form_headers() if form else {}) | (headers or {}))

    def _form_headers(self) -> dict[str, str]:
        if not self._token:
            found = TOKEN.search(self.get("/sign-in").get_data(as_text=True))
            assert found, "the sign-in page has no form token"
            self._token = found[1]
        return {"X-CSRFToken": self._token}

    def _ask(self, method: str, path: str, query_string: dict[str, str] | None = None, **given: Any) -> Response:
        url = next(self._urls) + path
        with self._session.request(
            method, url, params=query_string, allow_redirects=False, timeout=30, **given
        ) as answer:
            return Response(answer.content, answer.status_code, list(answer.headers.items()))


class Door:
    """Stands where stories have the Flask application: it hands out clients."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls

    def test_client(self) -> Visitor:
        return Visitor(self._urls)
