"""One text to all who took part: looked at first with its numbers, then confirmed; a second click sends nothing."""

import uuid

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from bot import db
from bot.errors import Refused
from bot.transactions import transact
from handoff.campaigns.routes import ONE, blueprint, one, promotes, show
from handoff.console.house.pages import given, told
from handoff.console.visit import member, services
from handoff.marketing import batches


@blueprint.post(f"{ONE}/preview")
@promotes
def preview(campaign_id: int) -> ResponseReturnValue:
    """The text as customers will read it, and who gets it."""
    text, who = _asked()
    with db.reading(services().sessions) as session:
        try:
            seen = batches.preview(session, one(session, campaign_id), text, who)
        except Refused as refused:
            return show(session, campaign_id, mistakes=told(refused), given=request.form), 422
        known = {"preview": seen, "text": text, "chosen": who, "key": str(uuid.uuid4()), "given": request.form}
        return show(session, campaign_id, **known)


@blueprint.post(f"{ONE}/again")
@promotes
def again(campaign_id: int) -> ResponseReturnValue:
    """Back to the form, with what was typed."""
    with db.reading(services().sessions) as session:
        one(session, campaign_id)
        return show(session, campaign_id, given=request.form)


@blueprint.post(f"{ONE}/send")
@promotes
def send(campaign_id: int) -> ResponseReturnValue:
    """Confirmed: from here on the ticker does it."""
    text, who = _asked()
    key, by = given("key", 36) or str(uuid.uuid4()), member().id
    try:
        transact(
            services().sessions,
            lambda session: batches.begin(session, one(session, campaign_id), text, who, key, by=by),
        )
    except Refused as refused:
        with db.reading(services().sessions) as session:
            return show(session, campaign_id, mistakes=told(refused), given=request.form), 422
    flash(gettext("開始寄了；案件還沒處理完的顧客不會收到。"))
    return redirect(url_for("marketing.campaign", campaign_id=campaign_id))


def _asked() -> tuple[str, str]:
    who = given("who")
    return given("text", 2 * batches.LONGEST), who if who in batches.WHO else batches.UNWRITTEN
