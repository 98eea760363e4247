"""What marketing looks at: all campaigns with their figures, and one with who took part."""

from typing import Any, TypeVar

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bot import auth, db
from bot.auth import may
from bot.clock import now
from handoff.console.visit import member, services, sidebar
from handoff.marketing import audiences, batches, campaigns, participants, suppression
from handoff.models import Campaign

ONE = "/<int(max=2147483647):campaign_id>"
Thing = TypeVar("Thing")

promotes = auth.allow("marketing.run")
blueprint = Blueprint("marketing", "handoff", url_prefix="/marketing", template_folder="templates")


@blueprint.get("")
@promotes
def page() -> ResponseReturnValue:
    """All campaigns, and how often marketing was kept from writing to somebody."""
    with db.reading(services().sessions) as session:
        figures = participants.figures(session)
        known = {
            "campaigns": campaigns.every(session),
            "figures": figures,
            "most": max((one.messages for one in figures.values()), default=0),
            "unregistered": figures.get(participants.NONE),
            "held": suppression.count(session),
            "refusals": suppression.refusals(session),
            "audiences": audiences.standing(session),
            "left_over": audiences.left_over(session),
        }
        return draw("page", session, **known)


@blueprint.get(ONE)
@promotes
def campaign(campaign_id: int) -> ResponseReturnValue:
    """Who took part in one, what was written to them, and a form to write. 0: in none that is registered."""
    with db.reading(services().sessions) as session:
        return show(session, campaign_id)


def show(session: Session, campaign_id: int, **known: Any) -> str:
    """The page of one campaign."""
    before = request.args.get("before", 0, type=int)
    found = one(session, campaign_id) if campaign_id else None
    people = participants.page(session, campaign_id, max(0, min(before, 2**31 - 1)))
    shown = {
        "campaign": found,
        "people": people,
        "older": people[-1].entry if len(people) == participants.SHOWN else None,
        "figures": participants.figures(session).get(campaign_id, participants.Figures()),
        "told": batches.told(session, campaign_id),
        "who": batches.WHO,
        "longest": batches.LONGEST,
    }
    return draw("campaign", session, **{**shown, **known})


def draw(template: str, session: Session, **known: Any) -> str:
    """A page of marketing's; who leads the desk has the console's sidebar beside it."""
    leads = may(member().role, "desk.lead")
    shown = {"mistakes": {}, "given": {}, "view": "marketing", "leads": leads, "at": now(), **known}
    return render_template(f"marketing/{template}.html", **shown, **(sidebar(session) if leads else {}))


def one(session: Session, campaign_id: int) -> Campaign:
    """The campaign that an address names; 404 where there is none."""
    return session.get(Campaign, campaign_id) or abort(404)
