"""GET /api/v1/stream: server-sent events, so that a console knows at once that something happened.

The id of an event is the journal's; a stream resumes from `Last-Event-ID` (or `?after=`). No database
connection is held while nothing happens, and a stream ends now and then, so that the session is asked again.
"""

import queue
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request
from flask.sansio.blueprints import BlueprintSetupState

from bot import db
from bot.auth import allow, me
from bot.auth.permissions import roles
from bot.services import Services
from bot.settings import Settings
from handoff.stream.attendance import Attendance
from handoff.stream.backlog import Backlog, Listener, since
from handoff.stream.feed import Feed, Subscription

PATH = "/api/v1/stream"
HEARTBEAT = 15.0
LIFETIME = 900.0
LEADS = roles("desk.lead")
REPEATS = 30.0  # seconds after which nothing is offered any more that the backlog told
RETRY = "retry: 1000\n\n"

blueprint = Blueprint("stream", __name__)


@blueprint.record_once
def prepare(state: BlueprintSetupState) -> None:
    """One feed an app, whose reader starts with the first listener; one attendance, which its process begins."""
    services: Services = state.app.extensions["frontline"]
    state.app.extensions["attendance"] = Attendance(services.sessions)
    state.app.extensions["stream"] = Feed(services.sessions, services.broker.wakeups)


@blueprint.get(PATH)
@allow("case.joined")
def stream() -> Response:
    """Changes as they happen, beginning with those that were missed."""
    feed: Feed = current_app.extensions["stream"]
    subscription = feed.subscribe(_listener())  # before the backlog is read below, so that nothing falls between
    if subscription is None:
        return Response(status=503, headers={"Retry-After": "10"})
    with ExitStack() as leaving:
        leaving.callback(feed.unsubscribe, subscription)
        if "wall" not in request.args:  # a screen on the wall shows to all and is nobody
            _attend(subscription.listener, leaving)
        response = _answer(feed, subscription)
        response.call_on_close(leaving.pop_all().close)
    return response


def _attend(listener: Listener, leaving: ExitStack) -> None:
    attendance: Attendance = current_app.extensions["attendance"]
    leaving.callback(attendance.leave, listener.user_id)
    attendance.come(listener.user_id)


def _answer(feed: Feed, subscription: Subscription) -> Response:
    """What was missed is read here and not in the stream, whose thread never asks the database (`porch`)."""
    services: Services = current_app.extensions["frontline"]
    with db.reading(services.sessions) as session:
        backlog = since(session, _cursor())
    return Response(
        events(feed, subscription, backlog),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


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


def events(feed: Feed, subscription: Subscription, backlog: Backlog) -> Iterator[str]:
    """The text of the stream: what was missed, then what the feed offers, which repeats only that."""
    known = frozenset(change.id for change in backlog.changes)
    yield RETRY + heartbeat(feed.pause) + backlog.as_events(subscription.listener)
    del backlog  # a stream lives long, and there are a thousand
    repeated_until = time.monotonic() + REPEATS
    ends = time.monotonic() + LIFETIME
    while time.monotonic() < ends and not subscription.cut_off:
        try:
            news = subscription.news.get(timeout=HEARTBEAT)
        except queue.Empty:
            yield heartbeat(feed.pause)
            continue
        if time.monotonic() > repeated_until:
            known = frozenset()
        if news.id not in known:
            yield news.as_event(subscription.listener)


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
