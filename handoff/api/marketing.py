"""Whom marketing must not write to now: looked up by other systems before they send, one by one or many at once."""

from collections.abc import Sequence

from flask import Response
from sqlalchemy.orm import Session

from bot.api import PageQuery, allow, answers, once, spec
from bot.models import Identity
from handoff.api.routes import blueprint, listed, reading
from handoff.api.shapes.marketing import Asked, Named, Suppressed, SuppressedOnes, Suppression, Suppressions
from handoff.marketing import suppression


@blueprint.get("/marketing/suppression")
@allow("marketing.run", "marketing:read")
@spec.validate(resp=answers(HTTP_200=Suppression), tags=("marketing",))
def look_up_suppression(query: Named) -> Suppression:
    """Whether marketing may write to a customer; only looked up, and not counted."""
    with reading() as session:
        return _answered(session, [query])[0]


@blueprint.post("/marketing/suppression")
@allow("marketing.run", "marketing:write")
@spec.validate(resp=answers(HTTP_200=Suppressions), tags=("marketing",))
def ask_to_write(json: Asked) -> Response:
    """Ask before writing to customers, up to 500 at once. Each who may not be written to is counted as kept back."""

    def work(session: Session) -> Suppressions:
        told = _answered(session, json.customers)
        suppression.refused(session, suppression.API, _people(session, [one for one in told if one.suppressed]))
        return Suppressions(items=told)

    return once(work)


@blueprint.get("/marketing/suppressed")
@allow("marketing.run", "marketing:read")
@spec.validate(resp=answers(HTTP_200=SuppressedOnes), tags=("marketing",))
def list_suppressed(query: PageQuery) -> SuppressedOnes:
    """Everybody to whom marketing must not write now, as each platform knows him."""
    with reading() as session:
        return listed(session, SuppressedOnes, query, suppression.identities(), Identity.id, Suppressed.of)


def _answered(session: Session, asked: Sequence[Named]) -> list[Suppression]:
    people = suppression.meant(session, [(one.channel, one.user, one.contact_id) for one in asked])
    held = suppression.among(session, set().union(*people))
    return [
        Suppression(**one.model_dump(), known=bool(who), suppressed=bool(who & held))
        for one, who in zip(asked, people, strict=True)
    ]


def _people(session: Session, told: Sequence[Suppression]) -> list[int]:
    """Those who are kept back, each once."""
    people = suppression.meant(session, [(one.channel, one.user, one.contact_id) for one in told])
    return sorted(suppression.among(session, set().union(*people)))
