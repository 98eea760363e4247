"""GET /api/v1/stream: server-sent events, so that a console knows at once that something happened.

The id of an event is the journal's; a stream resumes from `Last-Event-ID` (or `?after=`). No database
connection is held while nothing happens, and a stream ends now and then, so that the session is asked again.
"""

import queue
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request
from flask.sansio.blueprints import BlueprintSetupState

from bot import db
from bot.auth import allow, me
from bot.auth.permissions import roles
from bot.services import Services
from bot.settings import Settings
from handoff.presence import Pulse
from handoff.stream.backlog import Listener, since
from handoff.stream.feed import Feed, Subscription

HEARTBEAT = 15.0
LIFETIME = 900.0
LEADS = roles("desk.lead")
REPEATS = 30.0  # seconds after which nothing is offered any more that the backlog told
RETRY = "retry: 1000\n\n"

blueprint = Blueprint("stream", __name__)


@blueprint.record_once
def prepare(state: BlueprintSetupState) -> None:
    """One feed an app; its reader starts with the first listener."""
    services: Services = state.app.extensions["frontline"]
    state.app.extensions["stream"] = Feed(services.sessions, services.broker.wakeups)


@blueprint.get("/api/v1/stream")
@allow("case.joined")
def stream() -> Response:
    """Changes as they happen, beginning with those that were missed."""
    services: Services = current_app.extensions["frontline"]
    feed: Feed = current_app.extensions["stream"]
    subscription = feed.subscribe(_listener())  # before the backlog is read below, so that nothing falls between
    if subscription is None:
        return Response(status=503, headers={"Retry-After": "10"})
    response = Response(
        events(services.sessions, feed, subscription, _cursor(), _beat(services)),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    response.call_on_close(lambda: feed.unsubscribe(subscription))
    return response


@blueprint.after_request
def name_the_page(response: Response) -> Response:
    """Let the console read the stream when it comes from a port of its own; no other origin."""
    settings = current_app.extensions["frontline"].settings
    response.vary.add("Origin")
    if settings.stream_url and request.origin == _web_origin(settings):
        response.access_control_allow_origin = request.origin
        response.access_control_allow_credentials = True
    return response


def _listener() -> Listener:
    member = me()
    assert member is not None, "the gate lets only members in"
    return Listener(member.id, member.role in LEADS, member.sign_in)


def _beat(services: Services) -> Callable[[], None]:
    """Who reads the stream has the console open, so is there; a screen on the wall (`?wall=1`) is nobody."""
    return nobody if "wall" in request.args else Pulse(services.sessions, _listener().user_id).beat


def nobody() -> None:
    """A screen that shows to all and works for none."""


def events(
    sessions: db.Sessions, feed: Feed, subscription: Subscription, cursor: int | None, beat: Callable[[], None]
) -> Iterator[str]:
    """The text of the stream: what was missed since `cursor`, then what the feed offers, which repeats only that."""
    missed, known = _missed(sessions, subscription, cursor)
    yield RETRY + heartbeat(feed.pause) + missed
    del missed  # a stream lives long, and there are a thousand
    repeated_until = time.monotonic() + REPEATS
    ends = time.monotonic() + LIFETIME
    while time.monotonic() < ends and not subscription.cut_off:
        beat()
        try:
            news = subscription.news.get(timeout=HEARTBEAT)
        except queue.Empty:
            yield heartbeat(feed.pause)
            continue
        if time.monotonic() > repeated_until:
            known = frozenset()
        if news.id not in known:
            yield news.as_event(subscription.listener)


def _missed(sessions: db.Sessions, subscription: Subscription, cursor: int | None) -> tuple[str, frozenset[int]]:
    """The text of what happened since `cursor`, and the ids of all that it tells or keeps to itself."""
    with db.reading(sessions) as session:
        backlog = since(session, cursor)
    return backlog.as_events(subscription.listener), frozenset(change.id for change in backlog.changes)


def heartbeat(pause: int) -> str:
    """Heard by the page: a stream that is silent for longer is lost. Also, over how long pages spread their looking."""
    return f'event: beat\ndata: {{"pause": {pause}}}\n\n'


def _cursor() -> int | None:
    """Where to resume; a cursor that is no number is none."""
    given = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _web_origin(settings: Settings) -> str:
    """The pages' origin: this host, at the port of the web process."""
    here = urlsplit(request.host_url)
    return f"{here.scheme}://{here.hostname}:{settings.port}"
