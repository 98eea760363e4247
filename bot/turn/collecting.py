"""A form with a customer: what he said fills it, another question is answered and the form goes on, or a person has it.

Whoever is in need, asks for a person, or twice answers something else gets one, with what he told so far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot import forms
from bot.attachments import PICTURES
from bot.clock import now
from bot.dialogue import PERSON, replies, titles
from bot.forms import Form, Heard, Slot
from bot.messages import Button, Outbound
from bot.models import Conversation, Message
from bot.nlu import forms as shipped
from bot.nlu.verdict import Judgement, Request
from bot.orders.numbers import key
from bot.ports import Answer
from bot.services import Services
from bot.turn import answering, asides, completing, handing_over, intakes, proving, remembering, saying
from bot.turn.intakes import Asking
from bot.turn.ordering import Looked, hearing
from bot.turn.proving import Step

MISSES = 2
COLLECTED = ("hybrid", "review")
COMPLETE, DROPPED, PERSON_NEEDED = "complete", "dropped", "person_needed"
UNANSWERED, UNPROVED = "unanswered", "unproved"


def begins(
    session: Session,
    current: Services,
    conversation: Conversation,
    judged: Judgement,
    left: Sequence[Request],
    answers: Sequence[Answer],
    looked: Looked,
) -> bool:
    """Begin the form of the one thing that is left for a person, if it has one: ask for what is not known yet."""
    [one, *more] = left
    name = shipped.forms().named_for(one.decision.intent, one.decision.route)
    if more or not name or one.decision.route not in COLLECTED or not one.assessment.trusted:
        return False
    language, form = judged.whole.understanding.language, shipped.forms().forms[name]
    told = _known(form, {**looked.facts, **remembering.facts(conversation, now())})
    told |= forms.hear(name, form, shipped.words_in(language), None, judged.whole.text).told
    basis = completing.basis(one) | {"found": dict(looked.facts)}
    asking = intakes.begin(session, conversation, name, language, basis, told)
    remembering.understood(conversation)
    remembering.ask_about_order(conversation, "", "", now())
    _Talk(session, current, conversation, asking, answers, looked).go_on(asking.words.says.begin)
    return True


def goes_on(
    session: Session, current: Services, conversation: Conversation, messages: Sequence[Message], looked: Looked
) -> bool:
    """Take these messages into the form that is being asked; False where there is none."""
    asking = intakes.of(session, conversation)
    if asking is None:
        return False
    requests = list(enumerate(looked.judgement.requests)) if looked.judgement else []
    beside = [(at, one) for at, one in requests if at == looked.place or asides.is_beside(one, asking)]
    found = [
        looked.answer if at == looked.place else answering.find(session, current, conversation, messages[-1], one)
        for at, one in beside
        if not asides.is_farewell(one)
    ]
    answers = [answer for answer in found if answer is not None]
    left = "\n".join(one.text for at, one in requests if at != looked.place)
    if looked.changes and looked.facts:
        intakes.found(asking, looked.facts)
    talk = _Talk(session, current, conversation, asking, answers, looked)
    talk.hear(messages, left if looked.answer else None, beside=bool(beside))
    return True


@dataclass(frozen=True)
class _Talk:
    """One turn of a form; `answers` are those to what else was asked, and are said first."""

    session: Session
    current: Services
    conversation: Conversation
    asking: Asking
    answers: Sequence[Answer]
    looked: Looked

    def hear(self, messages: Sequence[Message], left: str | None, *, beside: bool) -> None:
        """`beside`: something else was asked as well, so the words are no answer in themselves.

        `left` is what of them asked about no order: the number of that one is none of the form's.
        """
        judged = self.looked.judgement
        heard = _heard(self.asking, judged, left, is_answer=not beside)
        if judged is not None and asides.cannot_wait(judged.lead):
            self._hand_over(PERSON_NEEDED, judged)
        elif heard.drops:
            self._drop()
        elif judged is not None and (step := self._proving(judged.whole.text, messages)) is not None:
            self._prove(step)
        elif judged is not None and asides.is_graver(judged.lead, self.asking, heard):
            intakes.tell(self.asking, heard.told)
            self._hand_over(PERSON_NEEDED, judged)
        else:
            self._take(heard, sum(message.kind in PICTURES for message in messages), judged)

    def go_on(self, lead_in: str) -> None:
        """Ask for what is missing first, or hand over what is complete."""
        asking = self.asking
        if not asking.left:
            self._conclude()
            return
        slot = asking.left[0]
        asking.row.asked = slot.name
        words = asking.words.of(asking.row.form, slot.name)
        missed = asking.row.misses and not lead_in
        question = words.again if missed else words.ask
        text = f"{lead_in.format(title=_title(asking))}\n{question}" if lead_in else question
        self._say(Outbound(text, tuple(_buttons(asking, slot))))

    def _take(self, heard: Heard, files: int, judged: Judgement | None) -> None:
        """Put into the form what was told; what is no answer is asked for once more."""
        says, lead_in = self.asking.words.says, ""
        if heard.skips:
            intakes.skip(self.asking)
        elif heard.told or files:
            intakes.tell(self.asking, heard.told)
            lead_in = says.files.format(count=files) if files else ""
        elif self.answers or asides.is_courtesy(judged):
            intakes.wait(self.asking)
            lead_in = says.go_on
        elif heard.waits:
            intakes.wait(self.asking)
            self._say(Outbound(says.wait))
            return
        elif intakes.miss(self.asking) >= MISSES:
            self._hand_over(UNANSWERED)
            return
        self.go_on(lead_in)

    def _conclude(self) -> None:
        """Nothing is left to be asked for; who must prove who he is, or that an order is his, does that now."""
        number = str(self.asking.facts.get("order_number", ""))
        if self.asking.form.prepares == "order" and number and key(self.looked.unproved) == key(number):
            self._prove(proving.ask_digits(self.conversation, self.asking, number))
        elif not self.asking.form.proves or proving.proof(self.session, self.asking):
            self._hand_over(COMPLETE)
        else:
            way = self.looked.provable
            self._prove(Step(proving.ask(self.session, self.current, self.conversation, self.asking, by_order=way)))

    def _proving(self, text: str, messages: Sequence[Message]) -> Step | None:
        if self.asking.row.asked != proving.ASKED:
            return None
        if self.asking.form.prepares == "order":
            return self._proving_an_order(text, messages)
        if self.looked.proves and (finding := self.looked.finding) is not None:
            return proving.by_order(self.session, self.asking, finding)
        return proving.hear(self.session, self.current, self.conversation, self.asking, text)

    def _proving_an_order(self, text: str, messages: Sequence[Message]) -> Step | None:
        """He may name another order, with its digits: then that one is to be changed."""
        finding = self.looked.finding if self.looked.proves else None
        step = proving.by_digits(self.asking, finding) if finding else proving.skipped(self.asking, text)
        if finding is not None:
            intakes.name_order(self.asking, finding.number)
        if step is not None and (finding is None or hearing.hear(text, "digits").only):
            intakes.no_wish(self.asking, [message.id for message in messages])
        return step

    def _prove(self, step: Step) -> None:
        if step.say is None:
            self._hand_over(COMPLETE if step.proved else UNPROVED)
        else:
            intakes.wait(self.asking)
            self._say(step.say)

    def _drop(self) -> None:
        """The customer does not want it any more."""
        intakes.end(self.session, self.conversation, self.asking.row, "dropped", DROPPED)
        self._say(Outbound(self.asking.words.says.dropped.format(title=_title(self.asking))))

    def _hand_over(self, why: str, judged: Judgement | None = None) -> None:
        """A person has it, with all that was told; the customer hears so."""
        case = completing.collected(self.session, self.current, self.conversation, self.asking, why, judged)
        intakes.end(self.session, self.conversation, self.asking.row, "handed_over", why)
        parting = Outbound(_parting(self.asking, why).format(promise=case.promise))
        hold = parting if judged is None else handing_over.hold(judged, case)
        saying.say(self.session, self.current, self.conversation, self.answers, hold, speaker="system")

    def _say(self, message: Outbound) -> None:
        saying.say(self.session, self.current, self.conversation, self.answers, message)


def _heard(asking: Asking, judged: Judgement | None, left: str | None, *, is_answer: bool) -> Heard:
    if judged is None:
        return Heard({})
    text = judged.whole.text if left is None else left
    return forms.hear(asking.row.form, asking.form, asking.words, asking.asked, text, is_answer=is_answer)


def _buttons(asking: Asking, slot: Slot) -> list[Button]:
    """The options, a way past the question, and a person."""
    labels = [asking.words.of(asking.row.form, slot.name).options[option].label for option in slot.options]
    plain = [Button(label, label) for label in (*labels, asking.words.says.skip)]
    return [*plain, replies(asking.row.language).button(PERSON)]


def _parting(asking: Asking, why: str) -> str:
    """What is said to who gets a person now."""
    says = asking.words.says
    if why == COMPLETE:
        return says.prepared if asking.form.proves else says.thanks
    return says.unproved if why == UNPROVED else says.not_heard


def _known(form: Form, facts: Mapping[str, str]) -> dict[str, str]:
    """What of this form the customer told lately, or the shop's system knows of him."""
    return {slot.name: facts[slot.kind] for slot in form.slots if slot.kind in facts}


def _title(asking: Asking) -> str:
    return titles(asking.row.language)[asking.row.basis["intent"]]
