"""What of the working copy is not live, and giving it up: the sentences are again what the live release has learned."""

from sqlalchemy.orm import Session

from bot.errors import ContentError, Refused
from bot.nlu import candidate
from bot.nlu.candidate import Edits
from bot.nlu.pointer import active
from bot.settings import Settings
from faq import training
from faq.training import Working


def waiting(session: Session, settings: Settings, working: Working) -> int:
    """How many sentences are another thing than the live release has learned; all edits where nobody can tell."""
    try:
        live = _intents(_live(session, settings))
    except Refused:
        return len(working.edits)
    mine = _intents(working.frozen)
    return sum(live.get(key) != mine.get(key) for key in {*live, *mine})


def give_up(session: Session, settings: Settings, *, by: int | None) -> int:
    """Give up what is not live; how many sentences that were."""
    return training.return_to(session, _live(session, settings), by=by)


def _live(session: Session, settings: Settings) -> Edits:
    found = active(session)
    try:
        return candidate.edits(settings, found) if found else []
    except ContentError as error:
        raise Refused(
            "r%(id)s 沒有留下當時的修改，不知道哪些還沒上線。請一句一句還原。", id=found.id if found else 0
        ) from error


def _intents(edits: Edits) -> dict[str, str]:
    return {edit["key"]: edit["intent"] for edit in edits}
