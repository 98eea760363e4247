"""The desk for programs: cases, conversations and contacts under `/api/v1`, by the named actions of the console."""

from handoff.api import acting, reading
from handoff.api.routes import blueprint

__all__ = ["acting", "blueprint", "reading"]
