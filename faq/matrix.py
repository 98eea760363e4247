"""/content/matrix: the policy as fields. A draft is saved, tried on past messages, published, and can be taken back."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.auth import may
from bot.errors import Refused
from bot.language import veil
from bot.models import Message, PolicyVersion
from bot.nlu import overlay, release
from bot.nlu import policy as rules
from bot.nlu.pointer import active
from faq import policies
from faq.models import PolicyDraft, PolicyTrial
from faq.policies.trials import DAYS, OVER
from faq.visit import approvers, do, keepers, member, reading, services, told

SHOWN = 20  # versions
PERSONAL = ("phone", "email", "national_id", "card", "tax_id")  # who edits content need not know whose it is

blueprint = Blueprint("matrix", __name__, url_prefix="/content/matrix", template_folder="templates")


@blueprint.get("")
@keepers
def page() -> ResponseReturnValue:
    with reading() as session:
        return _page(session)


@blueprint.post("")
@keepers
def save() -> ResponseReturnValue:
    """Keep the draft as it is now, right or wrong; what is wrong stands beside its field."""
    return _done(_save, gettext("已儲存草稿。上線前不影響顧客。"))


@blueprint.post("/try")
@keepers
def try_() -> ResponseReturnValue:
    """Keep the draft, and have it tried on past messages."""

    def ask(session: Session) -> None:
        kept = _save(session)
        if not policies.mistakes(kept.changes):
            days, seen = request.form.get("days", 7, type=int), policies.revision(policies.working(session))
            policies.ask(session, services().broker, seen, days, by=member().id)

    return _done(ask, gettext("已儲存草稿，開始試跑。"))


@blueprint.post("/publish")
@approvers
def publish() -> ResponseReturnValue:
    """Have the draft count, within seconds and everywhere."""
    revision, note = request.form.get("revision", 0, type=int), request.form.get("note", "")
    return _done(
        lambda session: policies.publish(session, revision, note, by=member().id), gettext("已上線，幾秒內生效。")
    )


@blueprint.post("/discard")
@keepers
def discard() -> ResponseReturnValue:
    revision = request.form.get("revision", 0, type=int)
    return _done(lambda session: policies.discard(session, revision, by=member().id), gettext("已捨棄草稿。"))


@blueprint.post("/restore")
@approvers
def restore() -> ResponseReturnValue:
    """Have an older version count again."""
    version, seen = (request.form.get(name, 0, type=int) for name in ("version", "seen"))
    return _done(
        lambda session: policies.restore(session, version, seen, by=member().id), gettext("已回復，幾秒內生效。")
    )


def _save(session: Session) -> PolicyDraft:
    """Keep the form; where both versions were on the screen and `over` says so, a colleague's with what I changed."""
    theirs = policies.working(session)
    mine = policies.changed(request.form, theirs)
    seen = request.form.get("over", type=int)
    if seen is None:
        return policies.save(session, mine, request.form.get("revision", 0, type=int), by=member().id)
    return policies.save(session, policies.merged(theirs, _begun_from(theirs), mine), seen, by=member().id)


def _begun_from(otherwise: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the form that was sent had started from, as it says itself."""
    try:
        found = json.loads(request.form.get("base", ""))
    except ValueError:
        return otherwise
    return found if isinstance(found, dict) else otherwise


def _done(deed: Callable[[Session], object], words: str) -> ResponseReturnValue:
    try:
        do(deed)
    except policies.Overtaken as overtaken:
        with reading() as session:
            return _page(session, overtaken, **_both(overtaken)), 409
    except Refused as refused:
        with reading() as session:
            return _page(session, refused), 409
    flash(words)
    return redirect(url_for(".page"))


def _both(overtaken: policies.Overtaken) -> dict[str, Any]:
    """Theirs and mine where they differ, and what the form had started from: to save it again is refused again."""
    mine = policies.changed(request.form, overtaken.theirs)
    base = _begun_from(overtaken.theirs)
    together = policies.now_in(policies.merged(overtaken.theirs, base, mine))
    rows = [(one, together[one.field]) for one in policies.differences(overtaken.theirs, mine)]
    begun = {"revision": request.form.get("revision", 0, type=int), "base": base}
    return {"both": rows, "theirs": overtaken.revision, **begun}


def _page(session: Session, refused: Refused | None = None, **known: Any) -> str:
    """The fields of the draft; after a refusal as they were sent, so that nothing that was typed is lost."""
    kept, history = policies.draft(session), policies.history(session, SHOWN + 1)
    changes, live = policies.working(session), release.changes(session, active(session))
    sent = policies.changed(request.form, changes) if refused else changes
    wrong = [*([refused] if refused else []), *(policies.mistakes(changes) if kept else [])]
    trial = policies.latest(session)
    shown = {"revision": policies.revision(changes), "base": changes, "both": (), "theirs": None, **known}
    shipped = rules.made({field: value for field, value in changes.items() if field == overlay.NEW})[0]
    return render_template(
        "content/matrix/page.html",
        **shown,
        book=policies.now_in(sent),
        shipped=shipped,
        policy=shipped,
        signals=_signals(),
        overlay=overlay,
        draft=kept,
        differences=policies.differences(live, changes) if kept else [],
        mistakes=[(one.field, told(one)) for one in wrong],
        trial=trial,
        rows=_rows(session, trial),
        running=trial is not None and trial.state not in OVER and not policies.lost(trial),
        tried=policies.tried(session, changes) if kept else None,
        history=_editions(history),
        live=policies.live(session),
        days=DAYS,
        approves=may(member().role, "content.approve"),
    )


def _signals() -> dict[str, list[Mapping[str, Any]]]:
    """The signals of each language, as they are shipped."""
    return {tongue: data["signals"] for tongue, data in rules.files()[1].items()}


def _rows(session: Session, trial: PolicyTrial | None) -> list[tuple[dict[str, Any], str]]:
    """What fares differently, with its words as staff may read them; what was taken back since is left out."""
    rows = trial.report.get("rows", []) if trial else []
    said = select(Message.id, Message.text).where(Message.id.in_([row["message"] for row in rows]))
    texts = {row.id: row.text for row in session.execute(said.where(Message.unsent_at.is_(None)))}
    return [(row, veil(texts[row["message"]], PERSONAL)) for row in rows if row["message"] in texts]


def _editions(history: Any) -> list[tuple[PolicyVersion, list[policies.Difference]]]:
    """The last versions, each with what it changed of the one before."""
    before = [version.changes for version in history[1:]] + [{}]
    pairs = zip(history[:SHOWN], before, strict=False)
    return [(version, policies.differences(was, version.changes)) for version, was in pairs]
