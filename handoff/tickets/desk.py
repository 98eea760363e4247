"""The desk as the engine knows it (`bot.ports.HumanDesk`): cases open, grow and reopen in the turn's
transaction. What the customer reads of a handoff is written by the turn, from the CaseRef.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import conversations, manners, ports
from bot.clock import now
from bot.models import Conversation, Message, OutboxRow
from bot.nlu.policy import load
from bot.ports import CaseRef, Handoff, Learned
from bot.settings import Settings
from handoff import assignment, clocks, sla
from handoff.models import CAMPAIGN, Ticket
from handoff.numbers import quoted
from handoff.tickets import (
    approving,
    closing,
    elsewhere,
    forgetting,
    grading,
    joining,
    landing,
    opening,
    parking,
    persons,
    phrases,
    proposals,
    records,
    unkept,
)

REOPENS_WITHIN = timedelta(hours=24)
QUOTES, UNDELIVERED = "顧客提供案件編號，要先確認是本人", "訊息送不到顧客手上"
UNSURE = "平台沒有確認訊息送達，先看顧客收到了沒有"


class Desk:
    """Opens cases by the shop's rules and numbers."""

    def __init__(self, settings: Settings) -> None:
        self.zone = settings.zone

    def open(self, session: Session, handoff: Handoff) -> CaseRef:
        """Open the case of this conversation's episode, or return the one that is open already."""
        conversation = conversations.locked(session, handoff.conversation_id)
        conversation.owner = "human"
        known = records.open_ticket(session, conversation.id)
        if known is not None:
            known.facts = {**handoff.facts, **known.facts}
            return self._known(session, known, handoff.language)
        return opening.new(session, conversation, handoff, self.zone)

    def customer_wrote(
        self, session: Session, conversation_id: int, message_id: int, learned: Learned | None = None
    ) -> CaseRef | None:
        """Put a customer's message on the live case, or reopen one that was solved within the last day."""
        conversation = conversations.locked(session, conversation_id)
        ticket = self._meant(session, conversation)
        if ticket is None:
            return None
        if again := not ticket.live:
            closing.reopened(session, ticket, "customer_wrote", message_id=message_id)
        conversation.owner = "human"
        landing.land(session, ticket, message_id, learned)
        language = learned.language if learned is not None else opening.language(conversation)
        return self._known(session, ticket, language, opened=again)

    def join(self, session: Session, conversation_id: int, message_id: int, learned: Learned | None = None) -> bool:
        """Take a message that quotes a case, or answers what we asked. Looks at the database only for such words."""
        message = session.get_one(Message, message_id)
        number = quoted(message.text)
        tap = phrases.tapped(message.text, number)
        if not tap and not number:
            return False
        conversation = conversations.locked(session, conversation_id)
        if tap and joining.answer(session, conversation, message, tap, number):
            return True
        if not number:
            return False
        ticket = joining.theirs(session, conversation, number)
        if ticket is None:
            self._unproven(session, conversation, message, number, learned)
        else:
            joining.quote(session, conversation, ticket, message, learned)
            self._say_joined(session, conversation, ticket)
        return True

    def case_number(self, session: Session, conversation_id: int) -> str:
        """Of the live case here, else of one that this person has elsewhere; empty where he has none."""
        conversation = session.get_one(Conversation, conversation_id)
        ticket = records.open_ticket(session, conversation.id) or records.live_of(session, conversation.contact_id)
        return ticket.number if ticket is not None else ""

    def phones(self, session: Session, contact_id: int) -> Sequence[str]:
        """The telephone numbers that this person proved to be his, in digits."""
        proved = persons.proved(session, persons.selves(session, contact_id))
        return [key.value for key in proved if key.kind == "phone"]

    def delivery_failed(self, session: Session, outbox_id: int) -> None:
        """Tell whoever has the case that a message did not arrive; where nobody has one, open it.

        A message that most likely arrived opens none: the bot goes on, and the thread shows its state. Nor does one
        of marketing's, for which nobody waits: its page shows what became of it; nor what was said to a group, where
        nobody knows whose case it would be. But one that the platform should have shown us by now, and did not, may
        have arrived or not.
        """
        row = session.get_one(OutboxRow, outbox_id)
        conversation = conversations.locked(session, row.conversation_id)
        if CAMPAIGN in row.message.payload or conversation.source_kind != "user":
            return
        ticket = records.open_ticket(session, row.conversation_id)
        if ticket is not None:
            records.record(session, ticket, "ticket.undelivered", message_id=row.message_id)
            if row.state == "failed":
                proposals.unheard(session, ticket, row.message_id)
        elif row.state == "failed" or manners.of(conversation.account.channel).echoes:
            self.open(session, _undelivered(row))

    def blocked(self, session: Session, conversation_id: int) -> None:
        """He wants to hear nothing: his cases wait."""
        for ticket in records.tickets_of(session, conversation_id):
            if ticket.live:
                parking.left(session, records.held(session, ticket.id))

    def came_back(self, session: Session, conversation_id: int, *, unblocked: bool) -> CaseRef | None:
        """He follows us (again): his cases go on where they waited for that."""
        live = [one for one in records.tickets_of(session, conversation_id) if one.live]
        again = [one for one in live if parking.reached(session, records.held(session, one.id), unblocked=unblocked)]
        ticket = next(iter(again or live), None)
        if ticket is None:
            return None
        language = opening.language(conversations.locked(session, conversation_id))
        return self._known(session, ticket, language, opened=bool(again))

    def presence(self, session: Session, language: str) -> str:
        """By the shop's calendar, as the rules that count now have it."""
        return sla.presence(now(), clocks.rules(session).hours(sla.SHOP), language)

    def taken_back(self, session: Session, conversation_id: int, text: str, facts: Mapping[str, Any]) -> None:
        """Forget what a customer took back, wherever a case holds it."""
        for ticket in records.tickets_of(session, conversation_id) if text else ():
            forgetting.forget(session, ticket, text, facts)

    def file_refused(self, session: Session, message_id: int) -> None:
        """The customer hears that we do not have it, and the case counts it no more."""
        unkept.refused(session, session.get_one(Message, message_id))

    def addresses(self, session: Session, contact_id: int) -> Sequence[tuple[str, str]]:
        """What this person, under whatever account, proved to be his."""
        return [(key.kind, key.value) for key in persons.proved(session, persons.selves(session, contact_id))]

    def propose(self, session: Session, proposal: ports.Proposal) -> int:
        """Put what the bot prepared on a case, for people to approve."""
        return approving.prepare(session, records.held(session, proposal.ticket_id), proposal).id

    def staff_wrote(self, session: Session, conversation_id: int, message_id: int, learned: Learned | None) -> None:
        """A colleague answered in the platform's own inbox: it counts, and the bot is silent."""
        ticket = elsewhere.answered(session, conversations.locked(session, conversation_id), message_id, self.zone)
        if learned is not None:  # a greeting is no end of what is dangerous
            grading.raise_to(session, ticket, learned.level, why="同事回覆之前，顧客這樣寫")

    def staff_changed(self, session: Session, user_id: int, by: int | None) -> None:
        """Somebody has another role, or left: cases that she may not have go back to their queues."""
        assignment.staff_changed(session, user_id, by)

    def _meant(self, session: Session, conversation: Conversation) -> Ticket | None:
        """The case that a message means without saying so: the live one, or one that was solved just now."""
        last = records.last_ticket(session, conversation.id)
        if last is not None and last.live:
            return last
        joined = records.joined_ticket(session, conversation.id) if conversation.owner == "human" else None
        return joined or (last if last is not None and _fresh(last) else None)

    def _unproven(
        self,
        session: Session,
        conversation: Conversation,
        message: Message,
        number: str,
        learned: Learned | None,
    ) -> None:
        """Somebody quotes a case that is not known to be his: a person finds out who he is and tells nothing before."""
        told = learned or Learned("L3", language=opening.language(conversation))
        told = replace(told, facts={**told.facts, "quoted_case": number})
        case = self.customer_wrote(session, conversation.id, message.id, told)
        if case is None:
            case = self.open(session, _quotes(conversation, message, told))
        phrases.say(session, conversation, "unproven", promise=case.promise)

    def _say_joined(self, session: Session, conversation: Conversation, ticket: Ticket) -> None:
        if ticket.conversation_id == conversation.id:
            known = self._known(session, ticket, opening.language(conversation))
            phrases.say(session, conversation, "promise", promise=known.promise)
        else:
            phrases.say(session, conversation, "joined", phrases.NUMBER, number=ticket.number)

    def _known(self, session: Session, ticket: Ticket, language: str, *, opened: bool = False) -> CaseRef:
        """A case that the customer has heard of; the sentence is true now, not when it was opened."""
        promise = clocks.reminder(session, ticket, language)
        return CaseRef(ticket.id, ticket.number, promise, opened, ticket.first_response_due_at)


def _fresh(ticket: Ticket) -> bool:
    """Whether a customer who writes again means this case: a person solved it, less than a day ago."""
    solved = ticket.state == "resolved" and ticket.resolution == "solved"
    return solved and ticket.resolved_at is not None and now() - ticket.resolved_at < REOPENS_WITHIN


def _quotes(conversation: Conversation, message: Message, told: Learned) -> Handoff:
    return Handoff(
        conversation_id=conversation.id,
        reason=QUOTES,
        reasons=(QUOTES,),
        intent="",
        category="out_of_scope",
        level=told.level,
        priority="normal",
        team=load()[0].front_line,
        route="human",
        summary=message.text[:500],
        facts=told.facts,
        language=told.language,
    )


def _undelivered(row: OutboxRow) -> Handoff:
    reason = UNDELIVERED if row.state == "failed" else UNSURE
    return Handoff(
        conversation_id=row.conversation_id,
        reason=reason,
        reasons=(reason,),
        intent="",
        category="out_of_scope",
        level="L3",
        priority="normal",
        team=load()[0].front_line,
        route="human",
        summary=str(row.body.get("text", ""))[:500],
    )
