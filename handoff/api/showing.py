"""A case as its reader may see it: who only helps in a rush is not told by what its customer is known or paid."""

from bot.api import caller
from bot.models import Message
from handoff.api.shapes.cases import Case
from handoff.api.shapes.talk import Said
from handoff.models import Ticket
from handoff.tickets import guests


def shown(ticket: Ticket) -> Case:
    return Case.of(ticket, guests.hidden_from(caller().role))


def said(message: Message) -> Said:
    return Said.of(message).model_copy(update={"text": guests.told(message.text, caller().role)})
