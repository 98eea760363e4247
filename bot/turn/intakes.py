"""Where customers stand in their forms: rows that are begun, filled and ended. A conversation has one at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import attachments, forms, journal
from bot.clock import after, now
from bot.forms import Form, FormWords, Heard, Slot
from bot.language import came_from, without
from bot.models import Conversation, Intake
from bot.nlu import forms as shipped
from bot.nlu.files import LANGUAGE
from bot.turn import remembering

NO_WISH = "no_wish"
SENT_BEFORE = timedelta(hours=1)  # pictures of so long before the matter was told belong to it


@dataclass(frozen=True)
class Asking:
    """A form that is being asked, and how it speaks. `files` are the pictures and films that came for it."""

    row: Intake
    form: Form
    words: FormWords
    files: int

    @property
    def asked(self) -> Slot | None:
        """The question that stands."""
        return self.form.slot(self.row.asked)

    @property
    def left(self) -> list[Slot]:
        """What is still to be asked for, in order."""
        return forms.missing(self.form, self._known, self.row.skipped)

    def lacking(self, words: FormWords) -> list[str]:
        """How the facts are called that nobody told, asked for or not."""
        return [words.of(self.row.form, slot.name).title for slot in forms.missing(self.form, self._known)]

    @property
    def facts(self) -> dict[str, Any]:
        """All that was told, as staff read it."""
        files = {slot.name: str(self.files) for slot in self.form.slots if slot.kind == "media" and self.files}
        return forms.shown(self.row.form, self.form, staffs_words(), self.row.told) | files

    @property
    def _known(self) -> Mapping[str, Any]:
        full = [slot for slot in self.form.slots if slot.kind == "media" and self.files >= slot.at_least]
        return self.row.told | {slot.name: self.files for slot in full}


def staffs_words() -> FormWords:
    """How forms are read in the house."""
    return shipped.words_in(LANGUAGE)


def begin(
    session: Session,
    conversation: Conversation,
    name: str,
    language: str,
    basis: Mapping[str, Any],
    told: Mapping[str, Any],
) -> Asking:
    """A form begins, with what the customer has told already."""
    row = Intake(
        conversation_id=conversation.id,
        episode=conversation.episode,
        form=name,
        language=language,
        basis=dict(basis),
        told=dict(told),
        skipped=[],
        due_at=_patience(),
    )
    session.add(row)
    session.flush()  # its id is kept with the conversation
    remembering.ask(conversation, row.id)
    journal.write(session, "intake.begun", conversation_id=conversation.id, intake_id=row.id, form=name)
    return _asking(session, conversation, row)


def of(session: Session, conversation: Conversation) -> Asking | None:
    """The form that this customer is being asked, as far as he has come."""
    number = remembering.asking(conversation)
    row = session.get(Intake, number) if number else None
    if row is None or row.state != "asking" or row.episode != conversation.episode:
        return None
    if row.form not in shipped.forms().forms:  # it was dropped since: `pausing` gives it to a person
        return None
    return _asking(session, conversation, row)


def facts(session: Session, conversation: Conversation) -> dict[str, Any]:
    """What the customer told lately, in the form that he is being asked or beside it."""
    asking = of(session, conversation)
    return remembering.facts(conversation, now()) | (asking.facts if asking else {})


def tell(asking: Asking, told: Mapping[str, Any]) -> None:
    """The customer answered: what he told stands, what he passed over before he has told now, and he has time again."""
    row = asking.row
    row.told = {**row.told, **told}
    row.skipped = [name for name in row.skipped if name not in told]
    row.misses, row.due_at = 0, _patience()


def name_order(asking: Asking, number: str) -> None:
    """The order that it is about, as he names it now."""
    named = {slot.name: number for slot in asking.form.slots if slot.kind == "order_number"}
    tell(asking, named if number else {})


def found(asking: Asking, facts: Mapping[str, str]) -> None:
    """What the shop's system knows of the order that it is about, which is his."""
    asking.row.basis = {**asking.row.basis, "found": dict(facts)}


def no_wish(asking: Asking, messages: Sequence[int]) -> None:
    """These only tell whether the order is his."""
    asking.row.basis = {**asking.row.basis, NO_WISH: [*asking.row.basis.get(NO_WISH, ()), *messages]}


def skip(asking: Asking) -> None:
    """The customer cannot tell what was asked last."""
    asking.row.skipped = [*asking.row.skipped, asking.row.asked]
    tell(asking, {})


def miss(asking: Asking) -> int:
    """The customer answered something else; how often in a row he did."""
    asking.row.misses += 1
    asking.row.due_at = _patience()
    return asking.row.misses


def wait(asking: Asking) -> None:
    """The customer is there, and needs time."""
    asking.row.due_at = _patience()


def end(session: Session, conversation: Conversation, row: Intake, state: str, why: str) -> None:
    """It is asked no longer; `why` tells staff what ended it."""
    row.state, row.ended_at = state, now()
    if remembering.asking(conversation) == row.id:
        remembering.ask(conversation, None)
    journal.write(
        session,
        "intake.ended",
        conversation_id=conversation.id,
        intake_id=row.id,
        form=row.form,
        state=state,
        why=why,
        told=sorted(row.told),
        skipped=row.skipped,
    )


def forget(session: Session, conversation: Conversation, text: str) -> dict[str, Any]:
    """The customer took `text` back: what was told there was never told, also in forms that are over.

    Those facts, as staff read them; one that is still asked for is asked for again.
    """
    gone: dict[str, Any] = {}
    for row in session.scalars(select(Intake).where(Intake.conversation_id == conversation.id)):
        gone |= _forget(row, text)
    return gone


def _forget(row: Intake, text: str) -> dict[str, Any]:
    form, heard = shipped.forms().forms.get(row.form), Heard({})
    if form is not None:
        heard = forms.hear(row.form, form, shipped.words_in(row.language), None, text)
    lost = {name: value for name, value in row.told.items() if heard.told.get(name) == value or came_from(value, text)}
    kept = ((name, value) for name, value in row.told.items() if name not in lost)
    row.told = {name: without(value, text) if isinstance(value, str) else value for name, value in kept}
    row.basis = _basis_without(row.basis, text)
    return forms.shown(row.form, form, staffs_words(), lost) if form is not None else lost


def _basis_without(basis: Mapping[str, Any], text: str) -> dict[str, Any]:
    """What the shop's system knew of an order goes with its number."""
    found = basis.get("found") or {}
    kept = {} if came_from(found.get("order_number", ""), text) else found
    return {**basis, "text": without(str(basis.get("text", "")), text), "found": kept}


def _asking(session: Session, conversation: Conversation, row: Intake) -> Asking:
    form = shipped.forms().forms[row.form]
    files = attachments.count_pictures(session, conversation, row.begun_at - SENT_BEFORE)
    return Asking(row, form, shipped.words_in(row.language), files)


def _patience() -> datetime:
    return after(60.0 * shipped.forms().pause_minutes)
