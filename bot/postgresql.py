"""PostgreSQL's engine. Nobody waits for ever: not for a lock, not for a statement, not for a server that vanished.

A server that is there keeps the limits that each connection gives it. One that hangs, or whose packets are lost,
cannot: so each wait of ours has an end too, after which the connection is closed. It breaks like any other.
"""

import math
import time
from typing import Any, Self

import psycopg
from psycopg.abc import PQGen, PQGenConn
from psycopg.errors import ConnectionTimeout
from sqlalchemy import Connection, Engine, create_engine, event

from bot import deadlines
from bot.deadlines import GRACE, PATIENCE

STATEMENT_LIMIT = 30.0  # how long a statement may take, in seconds, in a transaction that says nothing
IDLE_LIMIT = 30  # whoever dies or freezes inside a transaction gives its locks back after this, in seconds
CONNECT_LIMIT = 2
TCP = {  # a way that carries nothing any more is noticed within ten seconds, whoever is to speak
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
}


class Bounded(psycopg.Connection[Any]):
    """Waits for its server until the deadline of what it is used for, at most `limit` seconds for an answer."""

    limit = STATEMENT_LIMIT + GRACE

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, deadlines.left(self.limit) if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:  # its answer may still come
                self.close()
            raise

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        """psycopg's own limit is two seconds at least; a deadline may be nearer."""
        connecting, ends = super()._connect_gen(conninfo), time.monotonic() + deadlines.left(math.inf)
        awaited = next(connecting)
        while True:
            ready = yield awaited
            if time.monotonic() > ends:
                raise ConnectionTimeout("no time is left to connect")
            try:
                awaited = connecting.send(ready)
            except StopIteration as connected:
                made: Self = connected.value
                return made


def connect(url: str, **options: Any) -> Engine:
    """An engine for `url`."""
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        connect_args={"connect_timeout": CONNECT_LIMIT, **TCP},
        **options,
    )
    event.listen(engine, "do_connect", lambda _, __, names, values: Bounded.connect(*names, **values))
    event.listen(engine, "connect", _limits)
    event.listen(engine, "begin", _begin)
    return engine


def _limits(connection: Bounded, _: Any) -> None:
    """And no compiling: what the server guesses to be dear is often a search of 2 ms."""
    connection.autocommit = True  # a setting made in a transaction would be undone with it
    connection.execute(
        f"SET lock_timeout = {_millis(PATIENCE)}; SET statement_timeout = {_millis(STATEMENT_LIMIT)}; "
        f"SET idle_in_transaction_session_timeout = '{IDLE_LIMIT}s'; "
        "SET jit = off"
    )
    connection.autocommit = False


def _begin(connection: Connection) -> None:
    """The connection's own limits serve the usual transaction; one of another patience costs a round trip."""
    patience = connection.get_execution_options().get("patience", PATIENCE)
    statement = STATEMENT_LIMIT if patience == PATIENCE else patience
    driver: Any = connection.connection.driver_connection
    driver.limit = statement + GRACE
    if patience != PATIENCE:
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = {_millis(patience)}; SET LOCAL statement_timeout = {_millis(statement)}"
        )


def _millis(seconds: float) -> int:
    """At least one: to PostgreSQL, 0 means to wait for ever."""
    return max(1, int(seconds * 1000))
