"""What Meta tells of accounts and people: whose a token is, and what a customer is called."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import structlog

from bot.channels.messenger.graph import PROFILE_TIMEOUT, Graph
from bot.channels.values import object_of, text_of
from bot.errors import SendError, UnknownOutcome
from bot.ports import Checkup, Profile

OURS = {"messenger": "id,name", "instagram": "user_id,username,name"}

log = structlog.get_logger()


def identify(graph: Graph, channel: str) -> Checkup:
    """Whose token it is, which only Meta knows."""
    found = graph.read("me", OURS[channel])
    known = text_of(found.get("user_id")) or text_of(found.get("id"))
    if not known:
        raise UnknownOutcome("Meta does not say whose token it is")
    handle = text_of(found.get("username"))
    return Checkup(known[:80], text_of(found.get("name")) or handle, f"@{handle}" if handle else "")


def answers(graph: Graph) -> bool:
    """Whether Meta says anything but that it is away."""
    try:
        graph.read("me", "id", PROFILE_TIMEOUT)
    except SendError as error:
        return error.status is not None and not isinstance(error, UnknownOutcome)
    return True


def check_up(graph: Graph, channel: str) -> Checkup:
    """Whose token it is, and whether our app hears what is written there; at which address, Meta does not say."""
    known, apps = identify(graph, channel), graph.read("me/subscribed_apps", "id,subscribed_fields").get("data")
    heard = [app for app in map(object_of, apps if isinstance(apps, list) else ()) if _hears(app)]
    return replace(known, active=bool(heard))


def _hears(app: dict[str, Any]) -> bool:
    fields = app.get("subscribed_fields")
    return isinstance(fields, list) and "messages" in fields


def profile(graph: Graph, customer: str) -> Profile | None:
    """A customer's name; empty where Meta does not tell us, None where it is away."""
    try:
        found = graph.read(quote(customer, safe=""), "name", PROFILE_TIMEOUT)
    except SendError as error:
        log.info("meta.profile_unavailable", error=type(error).__name__)
        return Profile() if error.status else None
    return Profile(name=text_of(found.get("name")))
