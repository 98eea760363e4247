"""Of which tier a contact is; whether two are one person: proved first, merged, parted again where that was wrong."""

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.api import NotFound, PageQuery, allow, answers, spec
from bot.models import Contact
from handoff import tickets
from handoff.api.doing import arrange, make
from handoff.api.routes import blueprint, found, listed, reading
from handoff.api.shapes.joining import CustomerNote, CustomerNotes, Key, Merge, Merges, Other, Proof, Remark
from handoff.api.shapes.talk import People, Person, PersonChange
from handoff.models import ContactMerge, Ticket
from handoff.tickets import annotating, persons


@blueprint.patch("/contacts/<int(max=2147483647):contact_id>")
@allow("desk.decide", "contacts:write")
@spec.validate(resp=answers(HTTP_200=Person), tags=("contacts",))
def change_contact(contact_id: int, json: PersonChange) -> Response:
    """Set the tier by which the rules may promise more; running cases are promised it from now on."""

    def deed(session: Session, me: int) -> Contact:
        return tickets.set_tier(session, found(session.get(Contact, contact_id)).id, me, json.tier)

    return arrange(deed, lambda _, contact: Person.of(contact))


@blueprint.post("/tickets/<number>/verify")
@allow("desk.work", "contacts:write")
@spec.validate(resp=answers(HTTP_201=Key), tags=("contacts",))
def verify(number: str, json: Proof) -> Response:
    """The customer of this case proved that a number or address is his."""
    return make(number, lambda s, ticket, me: tickets.verify(s, ticket, me, json.kind, json.value, json.how), Key.of)


@blueprint.get("/contacts/<int(max=2147483647):contact_id>/alike")
@allow("desk.work", "contacts:read")
@spec.validate(resp=answers(HTTP_200=People), tags=("contacts",))
def list_alike(contact_id: int) -> People:
    """Who proved the same number or address: most likely the same person. All of them, as there are few."""
    with reading() as session:
        found(session.get(Contact, contact_id))
        return People(items=[Person.of(contact) for contact in persons.alike(session, contact_id)])


@blueprint.get("/contacts/<int(max=2147483647):contact_id>/merges")
@allow("desk.work", "contacts:read")
@spec.validate(resp=answers(HTTP_200=Merges), tags=("contacts",))
def list_merges(contact_id: int, query: PageQuery) -> Merges:
    """Who was found to be this contact, newest first."""
    with reading() as session:
        found(session.get(Contact, contact_id))
        wanted = select(ContactMerge).where(ContactMerge.kept_id == contact_id)
        return listed(session, Merges, query, wanted, ContactMerge.id, Merge.of)


@blueprint.put("/tickets/<number>/customer-note")
@allow("desk.work", "contacts:write")
@spec.validate(resp=answers(HTTP_200=CustomerNote), tags=("contacts",))
def annotate(number: str, json: Remark) -> Response:
    """What colleagues read of the customer of this case from now on, whatever he writes about; empty: nothing."""
    return make(number, lambda s, ticket, me: tickets.annotate(s, ticket, me, json.text), CustomerNote.of, 200)


@blueprint.get("/contacts/<int(max=2147483647):contact_id>/notes")
@allow("desk.work", "contacts:read")
@spec.validate(resp=answers(HTTP_200=CustomerNotes), tags=("contacts",))
def list_notes(contact_id: int) -> CustomerNotes:
    """What colleagues noted of this person: of the contact, and of each that was merged into it."""
    with reading() as session:
        found(session.get(Contact, contact_id))
        kept = annotating.notes(session, persons.selves(session, contact_id))
        return CustomerNotes(items=[CustomerNote.of(note) for note in kept])


@blueprint.post("/tickets/<number>/same-person")
@allow("desk.work", "contacts:write")
@spec.validate(resp=answers(HTTP_201=Merge), tags=("contacts",))
def same_person(number: str, json: Other) -> Response:
    """The customer of this case and another contact are one; both have proved the same number or address."""

    def deed(session: Session, ticket_id: int, me: int) -> ContactMerge:
        contact = session.get_one(Ticket, ticket_id).contact_id
        if contact is None:
            raise NotFound(number)
        return tickets.merge_contacts(session, contact, json.contact_id, me)

    return make(number, deed, Merge.of)


@blueprint.post("/tickets/<number>/merges/<int(max=2147483647):merge_id>/undo")
@allow("desk.work", "contacts:write")
@spec.validate(resp=answers(HTTP_200=Merge), tags=("contacts",))
def two_persons(number: str, merge_id: int) -> Response:
    """They were two after all: everything goes back to whose it was."""
    return make(number, lambda s, ticket, me: tickets.unmerge_contacts(s, ticket, me, merge_id), Merge.of, 200)
