"""The record of changes: who changed how the house is arranged, when, and how it was before."""

from sqlalchemy import select

from bot.api import allow, answers, spec
from bot.models import JournalEntry, User
from handoff import auditing
from handoff.api.routes import blueprint, listed, person, reading
from handoff.api.shapes.audit import Record, RecordQuery, Records


@blueprint.get("/audit")
@allow("desk.lead", "audit:read")
@spec.validate(resp=answers(HTTP_200=Records), tags=("audit",))
def list_records(query: RecordQuery) -> Records:
    """What was changed, newest first: about one thing, or of one person, who did it or to whom it was done."""
    with reading() as session:
        whose = person(session, query.person).id if query.person else None
        names = dict(session.execute(select(User.id, User.username)).all())
        wanted = auditing.entries(query.about, whose)
        return listed(session, Records, query, wanted, JournalEntry.id, lambda one: Record.of(one, names))
