"""/content/releases: build a release, see how it was judged, activate it, roll back."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Release, User
from bot.nlu import release
from bot.nlu.pointer import active
from faq import articles
from faq import releases as content
from faq.models import Build
from faq.training import Working
from faq.understanding.pending import pending
from faq.understanding.visit import blueprint, done_or_told, draw, given
from faq.visit import approvers, keepers, member, reading, services

SHOWN = 12
LINES = 200  # edits that are listed, the newest first


@blueprint.get("/releases")
@keepers
def releases() -> ResponseReturnValue:
    """The build that was asked for last, and every release that can be live."""
    settings = services().settings
    with reading() as session:
        builds, working = content.latest(session, SHOWN), Working.read(session)
        newest = builds[0] if builds else None
        choices, older, live = content.choices(session), release.outdated(session), active(session)
        return draw(
            "releases",
            policy=working.policy,
            build=newest,
            lost=newest is not None and content.lost(newest),
            running=newest is not None and newest.state not in content.OVER and not content.lost(newest),
            edited_since=newest is not None and newest.sentences != working.digest,
            changes=Counter((line.intent or line.was, line.change) for line in working.edits),
            edits=len(working.edits),
            waiting=content.waiting(session, settings, working),
            pending=pending(session),
            state=articles.state,
            read=articles.working,
            older=older,
            unwritten=content.unwritten(session, working),
            readable=release.readable,
            lines=working.edits[:-LINES:-1],
            live=live,
            curves=content.drawn(_measured(live, choices), settings.wrong_answers),
            choices=choices,
            made={build.release_id: build for build in reversed(_passed(session, choices))},
            names=_names(session),
            builds=builds,
        )


@blueprint.post("/releases")
@keepers
def ask_release() -> ResponseReturnValue:
    """Have one made of the sentences as they are."""
    note, by, broker = given("note"), member().id, services().broker
    words = gettext("開始建立了。好了之後這裡會說能不能上線。")
    return done_or_told(lambda session: content.ask(session, broker, note=note, by=by), "releases", words)


@blueprint.post("/releases/without")
@keepers
def ask_release_without() -> ResponseReturnValue:
    """Take an edit back that cost a refused one its messages, and have one made of the others."""
    key, by, broker = given("key"), member().id, services().broker
    words = gettext("已移走，也開始重新建立了。好了之後這裡會說能不能上線。")
    return done_or_told(lambda session: content.ask_without(session, broker, key, by=by), "releases", words)


@blueprint.post("/releases/<int:release_id>/activate")
@approvers
def activate(release_id: int) -> ResponseReturnValue:
    """Live from now on, or live again, with its policy."""
    settings, by, seen = services().settings, member().id, request.form.get("seen", type=int)
    words = gettext("r%(id)s 已上線，新的訊息都用它判斷。", id=release_id)
    return done_or_told(
        lambda session: content.activate(session, settings, release_id, seen=seen, by=by), "releases", words
    )


def _passed(session: Session, choices: Sequence[Release]) -> Sequence[Build]:
    """The builds that these releases came from, the newest first."""
    ids = [one.id for one in choices]
    found = select(Build).where(Build.release_id.in_(ids), Build.state == "passed").order_by(Build.id.desc())
    return session.scalars(found).all()


def _measured(live: Release | None, choices: Sequence[Release]) -> list[tuple[int, dict[str, Any]]]:
    """What is live, and beside it the newest of the others."""
    other = next((one for one in choices if not live or one.id != live.id), None)
    return [(one.id, one.metrics) for one in (live, other) if one]


def _names(session: Session) -> dict[int, str]:
    return {id_: name for id_, name in session.execute(select(User.id, User.name))}
