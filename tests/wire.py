"""A way to PostgreSQL that can go dead: connections stay open, and nothing comes through any more."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

ROUND = 0.05


class Wire:
    """Passes on what two sides say to each other, from a port of its own to a server's socket."""

    def __init__(self, database: str) -> None:
        to = urlsplit(database)
        (folder,) = parse_qs(to.query)["host"]
        self._server = f"{folder}/.s.PGSQL.{to.port or 5432}"
        self._door = socket.create_server(("127.0.0.1", 0))
        self._alive, self._over = threading.Event(), threading.Event()
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.url = f"postgresql://postgres@127.0.0.1:{self._door.getsockname()[1]}{to.path}?sslmode=disable"

    @contextlib.contextmanager
    def open(self) -> Iterator["Wire"]:
        self._alive.set()
        self._run(self._accept)
        yield self
        self._over.set()
        self._alive.set()
        self._shut(self._door)
        for end in self._ends:
            self._shut(end)
        for thread in self._threads:
            thread.join()

    @contextlib.contextmanager
    def dead(self) -> Iterator[None]:
        self._alive.clear()
        yield
        self._alive.set()

    def _run(self, work: object, *given: object) -> None:
        thread = threading.Thread(target=work, args=given)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._over.is_set():
                caller, _ = self._door.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._ends += [caller, server]
                self._run(self._pump, caller, server)
                self._run(self._pump, server, caller)

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while said := one.recv(65536):
                self._alive.wait()
                other.sendall(said)
        self._shut(other)

    def _shut(self, end: socket.socket) -> None:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
