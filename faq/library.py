"""The library of solved cases: what happened, why, what helped, what to mind. For colleagues, and without customers."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import db, journal, searching
from bot.errors import Refused
from bot.ports import Lesson, Matter
from faq import keeping
from faq.articles import withheld
from faq.masking import masked
from faq.models import SolvedCase
from faq.search import tokens

TITLE = 120
LOOKED_AT = 30
SHARED = 2  # words that a case has in common with the matter: one is there by chance
PARTS = ("description", "cause", "solution", "cautions")
SAID = ("title", "category", "shown", *PARTS)
KEPT = "lesson.kept"


def every(session: Session, words: str, limit: int) -> Sequence[SolvedCase]:
    """As the page lists them: those that nobody looked over yet first; with words, those that hold them."""
    asked = select(SolvedCase).order_by(SolvedCase.shown, SolvedCase.updated_at.desc(), SolvedCase.id.desc())
    fits = asked.where(searching.matches(session, SolvedCase, words)) if words else asked
    return session.scalars(fits.limit(limit)).all()


def propose(session: Session, lesson: Lesson, source: str, name: str, by: int) -> bool:
    """Keep what was learned from a case, without its customer, to be looked over; False where it was kept."""
    db.alone(session)  # who clicks twice has proposed it once
    told = {part: _without(getattr(lesson, part), name) for part in PARTS}
    title = masked(lesson.title, name)[:TITLE] or source
    if session.scalar(select(SolvedCase.id).where(SolvedCase.source == source)) is not None:
        return False
    session.add(SolvedCase(source=source, title=title, category=lesson.category, user_id=by, withheld="", **told))
    journal.write(session, "lesson.proposed", user_id=by, number=source)
    return True


def put(session: Session, case_id: int | None, lesson: Lesson, shown: bool, by: int, *, seen: int = 0) -> SolvedCase:
    """A new one, or what a known one says from now on; Refused where nobody could learn from it, or somebody has
    written since it was `seen`."""
    kept = keeping.taken(session, SolvedCase, case_id, seen, SAID)
    if not lesson.title.strip():
        raise Refused("寫一個標題，同事才找得到。").at("title")
    if shown and not (lesson.description.strip() and lesson.solution.strip()):
        raise Refused("放到案件旁邊之前，先寫發生什麼事和怎麼解決。").at("solution")
    said = {"title": lesson.title.strip()[:TITLE], "category": lesson.category, "shown": shown}
    said |= {part: getattr(lesson, part).strip() for part in PARTS}
    keeping.keep(session, kept, said, KEPT, by, title=said["title"])
    withheld.keep(session, kept)
    return kept


def drop(session: Session, case_id: int, by: int) -> None:
    """Nobody learns from it any more."""
    if kept := session.get(SolvedCase, case_id):
        session.delete(kept)
        journal.write(session, "lesson.dropped", user_id=by, of=case_id, title=kept.title)


def recommend(session: Session, matter: Matter, limit: int) -> list[Lesson]:
    """Those that share the most telling words with a matter; for what somebody looks for, one is enough."""
    ids = searching.alike(session, SolvedCase, matter.text, LOOKED_AT, SolvedCase.shown.is_(True))
    found = {one.id: one for one in session.scalars(select(SolvedCase).where(SolvedCase.id.in_(ids)))}
    asked = {token for token in tokens(matter.text) if len(token) > 1}
    needed = SHARED if matter.intent else 1
    fits = [found[id_] for id_ in ids if id_ in found and len(asked & _words(found[id_])) >= needed]
    return [_lesson(one) for one in fits[:limit]]


def _without(text: str, name: str) -> str:
    """Without its customer, in the lines in which it was written."""
    return "\n".join(masked(line, name) for line in text.splitlines())


def _lesson(kept: SolvedCase) -> Lesson:
    return Lesson(kept.title, kept.category, kept.description, kept.cause, kept.solution, kept.cautions)


def _words(kept: SolvedCase) -> set[str]:
    return {token for text in (kept.title, *(getattr(kept, part) for part in PARTS)) for token in tokens(text)}
