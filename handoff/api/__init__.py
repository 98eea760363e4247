"""The desk for programs: everything that the console does, under `/api/v1`, by the same named actions."""

from handoff.api import (
    acting,
    board,
    calls,
    deliveries,
    departments,
    ending,
    finding,
    handling,
    hooks,
    notices,
    persons,
    promises,
    reading,
    rota,
    rules,
    teams,
    users,
)
from handoff.api.routes import blueprint

__all__ = [
    "acting",
    "blueprint",
    "board",
    "calls",
    "deliveries",
    "departments",
    "ending",
    "finding",
    "handling",
    "hooks",
    "notices",
    "persons",
    "promises",
    "reading",
    "rota",
    "rules",
    "teams",
    "users",
]
