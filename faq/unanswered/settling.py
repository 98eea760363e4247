"""What becomes of unanswered messages. Nobody is shown them again, and the record tells who decided."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, journal
from bot.errors import Refused
from bot.matrix import UNKNOWN
from faq import drafts, training
from faq.models import SettledMessage
from faq.training import Added, Working
from faq.unanswered.gathering import Unanswered, gather


def chosen(session: Session, ids: Sequence[int]) -> list[Unanswered]:
    """Those of these messages that wait. It reads a month of the journal, so nothing is to be written meanwhile."""
    wanted = set(ids)
    return [one for one in gather(session, Working.read(session)) if one.message_id in wanted]


def teach(session: Session, those: Sequence[Unanswered], intent: str, *, by: int | None) -> Added:
    """Their masked words are examples of an intent from now on; those that cannot be are named, and stay."""
    chosen = _still_waiting(session, those)
    by_key = {one.key: one.text for one in chosen}
    added = training.add(session, intent, by_key.values(), by=by)
    taught = [one for one in chosen if by_key[one.key] in added.texts]
    _settle(session, taught, "out_of_scope" if intent == UNKNOWN else "example", by)
    return added


def write_article(session: Session, those: Sequence[Unanswered], answer: str, intent: str, *, by: int | None) -> str:
    """A draft of an article that answers them, with the newest as its question; its external id."""
    chosen = _still_waiting(session, those)
    question, name = chosen[0].text, f"Q{chosen[0].message_id}"
    cells = {"external_id": name, "question": question, "answer": answer, "intent": intent}
    saved = drafts.save(session, [(1, cells)], publish=False, by=by)
    if saved.problems:
        raise saved.problems[0].refused.at("answer")
    _settle(session, chosen, "article", by)
    return name


def dismiss(session: Session, those: Sequence[Unanswered], *, by: int | None) -> None:
    """Nothing is to be learned from these."""
    _settle(session, _still_waiting(session, those), "dismissed", by)


def _still_waiting(session: Session, those: Sequence[Unanswered]) -> list[Unanswered]:
    """Those that a colleague was not quicker with."""
    db.alone(session)
    settled = _settled(session, those)
    left = [one for one in those if one.message_id not in settled]
    if not left:
        raise Refused("同事剛剛處理過了，重新整理看看。")
    return left


def _settled(session: Session, those: Sequence[Unanswered]) -> set[int]:
    ids = [one.message_id for one in those]
    return set(session.scalars(select(SettledMessage.message_id).where(SettledMessage.message_id.in_(ids))))


def _settle(session: Session, those: Sequence[Unanswered], outcome: str, by: int | None) -> None:
    ids = [one.message_id for one in those]
    session.add_all(SettledMessage(message_id=id_, outcome=outcome, user_id=by) for id_ in ids)
    journal.write(session, "unanswered.settled", user_id=by, outcome=outcome, count=len(ids), messages=ids)
