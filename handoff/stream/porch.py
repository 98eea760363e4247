"""A few threads let everybody in.

To know who comes and what she missed takes the database, and a thread that has asked it keeps what that took for as
long as it lives. So a stream's own thread only waits; and when a thousand come back at once, after a restart, eight
of them at a time need memory for being let in.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FEW = 8


class Porch:
    """In front of an application: what is asked at `path` is let in by the few, everything else goes straight in."""

    def __init__(self, app: "WSGIApplication", path: str) -> None:
        self._app, self._path = app, path
        self._few = ThreadPoolExecutor(FEW, "porch")

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] != self._path:  # /healthz answers, however long the database takes
            return self._app(environ, start_response)
        return self._few.submit(self._app, dict(environ), start_response).result()
