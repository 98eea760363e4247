"""The desk for programs: everything that the console does, under `/api/v1`, by the same named actions."""

from handoff.api import (
    acting,
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
