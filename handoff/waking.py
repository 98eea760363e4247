"""Having the queue drained soon: whenever a case enters it, and whenever somebody comes free or on line."""

from sqlalchemy.orm import Session

from bot import services
from bot.broker import SENDS

DRAIN = "handoff.assignment.drain"


def drain_after_commit(session: Session) -> None:
    """Look at the queue once this transaction is committed. Should Redis lose the job, the ticker looks anyway."""
    services.current().broker.after_commit(session, DRAIN, queue=SENDS)
