"""The agents' console: a live list of cases, the conversation, and what is known about it."""

from handoff.console import (
    actions,
    attachments,
    colleagues,
    company,
    earlier,
    handling,
    history,
    journeys,
    keeping,
    knowledge,
    orders,
    phone,
    presence,
    proposals,
    register,
    templates,
)
from handoff.console.routes import blueprint

__all__ = [
    "actions",
    "attachments",
    "blueprint",
    "colleagues",
    "company",
    "earlier",
    "handling",
    "history",
    "journeys",
    "keeping",
    "knowledge",
    "orders",
    "phone",
    "presence",
    "proposals",
    "register",
    "templates",
]
