"""What to know of a customer whatever he writes about: a note kept with the contact, by whom and when."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from bot.errors import Refused
from bot.messages import printable
from handoff.models import ContactNote
from handoff.tickets import records

LONGEST = 1000


def annotate(session: Session, ticket_id: int, user_id: int, text: str) -> ContactNote:
    """From now on this is what colleagues read of the customer of this case; no words: nothing. Older ones are kept."""
    ticket, user = records.take(session, "annotate", ticket_id, user_id)
    if ticket.contact_id is None:
        raise Refused("找不到這位顧客。")
    words = printable(text).strip()
    if len(words) > LONGEST:
        raise Refused("顧客備註最多 %(most)s 個字。", most=LONGEST)
    note = ContactNote(contact_id=ticket.contact_id, text=words, user_id=user.id)
    session.add(note)
    session.flush()
    records.tell(session, ticket, "contact.annotated", user_id=user.id, note_id=note.id)
    return note


def notes(session: Session, contacts: Sequence[int]) -> Sequence[ContactNote]:
    """What is to be known of each of these contacts now, where somebody wrote something."""
    newest = select(func.max(ContactNote.id)).where(ContactNote.contact_id.in_(contacts))
    counting = ContactNote.id.in_(newest.group_by(ContactNote.contact_id)), ContactNote.text != ""
    found = select(ContactNote).where(*counting).options(joinedload(ContactNote.user))
    return session.scalars(found.order_by(ContactNote.id.desc())).all()
