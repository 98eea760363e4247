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


def teach(session: Session, ids: Sequence[int], intent: str, *, by: int | None) -> Added:
    """Their masked words are examples of an intent from now on; those that cannot be are named, and stay."""
    chosen = _chosen(session, ids)
    by_key = {one.key: one.text for one in chosen}
    added = training.add(session, intent, by_key.values(), by=by)
    taught = [one for one in chosen if by_key[one.key] in added.texts]
    _settle(session, taught, "out_of_scope" if intent == UNKNOWN else "example", by)
    return added


def write_article(session: Session, ids: Sequence[int], answer: str, intent: str, *, by: int | None) -> str:
    """A draft of an article that answers them, with the newest as its question; its external id."""
    chosen = _chosen(session, ids)
    question, name = chosen[0].text, f"Q{chosen[0].message_id}"
    cells = {"external_id": name, "question": question, "answer": answer, "intent": intent}
    saved = drafts.save(session, [(1, cells)], publish=False, by=by)
    if saved.problems:
        raise Refused("草稿沒有存：%(mend)s", mend=saved.problems[0].mend).at("answer")
    _settle(session, chosen, "article", by)
    return name


def dismiss(session: Session, ids: Sequence[int], *, by: int | None) -> None:
    """Nothing is to be learned from these."""
    _settle(session, _chosen(session, ids), "dismissed", by)


def _chosen(session: Session, ids: Sequence[int]) -> list[Unanswered]:
    """Those of these messages that still wait; a colleague may have been quicker."""
    db.alone(session)
    wanted = set(ids)
    chosen = [one for one in gather(session, Working.read(session)) if one.message_id in wanted]
    if not chosen:
        raise Refused("同事剛剛處理過了，重新整理看看。")
    return chosen


def _settle(session: Session, those: Sequence[Unanswered], outcome: str, by: int | None) -> None:
    ids = [one.message_id for one in those]
    settled = set(session.scalars(select(SettledMessage.message_id).where(SettledMessage.message_id.in_(ids))))
    session.add_all(SettledMessage(message_id=id_, outcome=outcome, user_id=by) for id_ in ids if id_ not in settled)
    journal.write(session, "unanswered.settled", user_id=by, outcome=outcome, count=len(ids), messages=ids)
