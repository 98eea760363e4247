"""Reply templates in the composer: found while typing after a slash, with what the case knows filled in."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db
from bot.auth import may
from bot.language import Slot, slots
from bot.ports import Template
from handoff.console.routes import blueprint
from handoff.console.visit import invited, member, services
from handoff.models import Ticket
from handoff.tickets import guests

SHOWN = 8
FACTS = ("order_number", "phone", "email", "amount", "date")


@dataclass(frozen=True)
class Choice:
    """A template as this case would say it; `asks` are the fields that nobody knows yet, once each."""

    template: Template
    slots: list[Slot]

    @property
    def asks(self) -> list[Slot]:
        return list({slot.key: slot for slot in self.slots if slot.missing}.values())

    @property
    def text(self) -> str:
        """With the unknown fields as they are."""
        return "".join(slot.value or slot.text for slot in self.slots)


@blueprint.get("/cases/<number>/templates")
@invited
def offer_templates(number: str) -> ResponseReturnValue:
    """The templates that fit what was typed."""
    query = request.args.get("q", "")[:40]
    with db.reading(services().sessions) as session:
        ticket = case_of(session, number)
        known = known_of(ticket, member().name, guests.hidden_from(member().role))
        found = services().wiring.templates.find(session, query, ticket.category, SHOWN)
        return render_template(
            "console/templates.html",
            choices=[Choice(template, slots(template.text, known)) for template in found],
            query=query,
            keeps=may(member().role, "content.edit"),
        )


def known_of(ticket: Ticket, agent: str, hidden: Collection[str] = ()) -> dict[str, str]:
    """What the case can fill in by itself, of what the agent may know."""
    facts = {name: _told(ticket.facts[name]) for name in FACTS if ticket.facts.get(name) and name not in hidden}
    name = ticket.contact.name if ticket.contact else ""
    return {**facts, "name": name, "number": ticket.number, "agent": agent}


def _told(fact: object) -> str:
    """A fact as one says it; of several that were named nobody knows which is meant."""
    if isinstance(fact, list | tuple):
        return str(fact[0]) if len(fact) == 1 else ""
    return str(fact)


def case_of(session: Session, number: str) -> Ticket:
    """The case, for who may look at it."""
    ticket = session.scalar(select(Ticket).where(Ticket.number == number))
    if ticket is None or not (may(member().role, "desk.work") or guests.sees(session, ticket, member().id)):
        abort(404)
    return ticket
