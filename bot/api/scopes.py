"""Scopes: what a token may do of that which its role may. None given: all of it."""

from collections.abc import Collection

RESOURCES = (
    "audit",
    "board",
    "calls",
    "complaints",
    "contacts",
    "conversations",
    "departments",
    "marketing",
    "me",
    "notices",
    "promises",
    "proposals",
    "search",
    "shifts",
    "sla",
    "staff",
    "teams",
    "tickets",
    "undelivered",
    "webhooks",
    "whispers",
)
READ_ALL = "read"
EACH = tuple(f"{resource}:{access}" for resource in RESOURCES for access in ("read", "write"))
SCOPES = (READ_ALL, *EACH)
"""read: everything, and nothing is changed. NAME:read: this alone. NAME:write: change it, and read it."""


def known(scope: str) -> str:
    """The scope that a route names; ValueError where nobody has heard of it."""
    if scope not in EACH:
        raise ValueError(f"there is no scope {scope!r}; there are {', '.join(EACH)}")
    return scope


def cover(held: Collection[str], needed: str) -> bool:
    """Whether a token with these scopes may use a route that names this one."""
    resource, _, access = needed.partition(":")
    if not held or needed in held:
        return True
    return access == "read" and (READ_ALL in held or f"{resource}:write" in held)
