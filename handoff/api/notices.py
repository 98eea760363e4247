"""Who of the staff was told what, how, and whether they looked: of one case, or of everything."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from bot.api import PageQuery, allow, answers, caller, spec
from handoff.api.routes import blueprint, case, listed, reading
from handoff.api.shapes.notices import NoticeQuery, Notices, Told
from handoff.models import Notice
from handoff.tickets import whispers


@blueprint.get("/tickets/<number>/notices")
@allow("case.joined", "notices:read")
@spec.validate(resp=answers(HTTP_200=Notices), tags=("notices",))
def list_notices_of_ticket(number: str, query: PageQuery) -> Notices:
    """Who was told of this case, newest first."""
    with reading() as session:
        ticket = case(session, number)
        shown = whispers.rings(ticket, caller().user_id, caller().role)
        wanted = _whole().where(Notice.ticket_id == ticket.id, shown)
        return listed(session, Notices, query, wanted, Notice.id, Told.of)


@blueprint.get("/notices")
@allow("desk.lead", "notices:read")
@spec.validate(resp=answers(HTTP_200=Notices), tags=("notices",))
def list_notices(query: NoticeQuery) -> Notices:
    """Who was told what, newest first."""
    wanted = _whole()
    if query.user:
        wanted = wanted.where(Notice.user.has(username=query.user))
    if query.about:
        wanted = wanted.where(Notice.kind == query.about)
    with reading() as session:
        return listed(session, Notices, query, wanted, Notice.id, Told.of)


def _whole() -> Select[Notice]:
    with_names = joinedload(Notice.user), joinedload(Notice.ticket)
    return select(Notice).options(*with_names, selectinload(Notice.deliveries))
