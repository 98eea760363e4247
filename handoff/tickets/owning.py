"""Which orders are surely those of a case's customer: linked with an account or phone of his, or proved by digits."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.models import Account, Identity
from bot.orders import proofs
from bot.orders.numbers import key
from bot.orders.owning import owns
from bot.ports import Order, Owner
from handoff.models import Ticket
from handoff.tickets import persons, records

MONTH = 30 * 86_400.0


@dataclass(frozen=True)
class Whose:
    """Who the customer is to the shop, and the keys of the orders that he proved lately."""

    owner: Owner
    proved: frozenset[str]

    def has(self, order: Order) -> bool:
        return owns(self.owner, order) or key(order.number) in self.proved


def whose(session: Session, ticket: Ticket) -> Whose:
    """What is known of this case's customer."""
    selves = persons.selves(session, ticket.contact_id) if ticket.contact_id is not None else []
    ids = select(Identity.external_id).join(Identity.account)
    line_users = session.scalars(ids.where(Identity.contact_id.in_(selves), Account.channel == "line")).all()
    phones = [one.value for one in persons.proved(session, selves) if one.kind == "phone"]
    threads = [one.id for one in records.threads(session, ticket)]
    return Whose(Owner(tuple(line_users), tuple(phones)), proofs.proved(session, threads, MONTH))
