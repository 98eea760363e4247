"""The register's form: a campaign is begun, changed, ended early, and taken up again."""

from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from bot import db
from bot.errors import Refused
from bot.transactions import transact
from handoff.campaigns.routes import ONE, blueprint, draw, one, promotes
from handoff.console.house.pages import given, told
from handoff.console.visit import member, services
from handoff.marketing import campaigns
from handoff.marketing.campaigns import Sheet

KEYWORDS_TYPED = 2000


@blueprint.get("/register")
@promotes
def sheet() -> ResponseReturnValue:
    """The form of a new campaign, or of one that is known."""
    return _form(request.args.get("id", 0, type=int))


@blueprint.post("/register")
@promotes
def put() -> ResponseReturnValue:
    """A new campaign, or what is set of one from now on; a refusal keeps what was typed."""
    known, by, wanted = request.form.get("id", 0, type=int), member().id, _sheet()

    def deed(session: Session) -> int:
        if known:
            campaigns.change(session, one(session, known), wanted, by=by)
            return known
        return campaigns.add(session, wanted, by=by).id

    try:
        campaign_id = transact(services().sessions, deed)
    except Refused as refused:
        return _form(known, mistakes=told(refused), given=request.form), 422
    flash(gettext("已儲存。"))
    return redirect(url_for("marketing.campaign", campaign_id=campaign_id))


@blueprint.post(f"{ONE}/retire")
@promotes
def retire(campaign_id: int) -> Response:
    """It runs no more from now on, or again."""
    retired, by = "retired" in request.form, member().id
    transact(
        services().sessions,
        lambda session: campaigns.retire(session, one(session, campaign_id), retired=retired, by=by),
    )
    flash(gettext("活動停了；之後同樣的字照一般訊息處理。") if retired else gettext("活動恢復了。"))
    return redirect(url_for("marketing.campaign", campaign_id=campaign_id))


def _form(known: int, **shown: Any) -> str:
    with db.reading(services().sessions) as session:
        edited = one(session, known) if known else None
        starts, ends = (_typed(edited.starts_at), _typed(edited.ends_at)) if edited else ("", "")
        return draw("register", session, edited=edited, starts=starts, ends=ends, **shown)


def _sheet() -> Sheet:
    words = given("keywords", KEYWORDS_TYPED).splitlines()
    return Sheet(
        name=given("name", campaigns.NAME),
        kind=given("kind"),
        keywords=tuple(word.strip() for word in words if word.strip()),
        postback=given("postback", campaigns.POSTBACK),
        thanks=given("thanks", 2 * campaigns.THANKS),
        starts_at=_moment("starts_at"),
        ends_at=_moment("ends_at"),
    )


def _moment(field: str) -> datetime | None:
    """A moment as the shop's clock shows it."""
    try:
        return datetime.fromisoformat(given(field)).replace(tzinfo=services().settings.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _typed(at: datetime) -> str:
    """A moment as its field holds it."""
    return f"{at.astimezone(services().settings.zone):%Y-%m-%dT%H:%M}"
