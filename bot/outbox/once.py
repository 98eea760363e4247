"""What may be told only once it is stored: a transaction that failed is run again, and would tell it twice."""

from collections.abc import Callable

from sqlalchemy import event
from sqlalchemy.orm import Session


def stored(session: Session, tell: Callable[[], object]) -> None:
    """Count or log it after the commit."""
    event.listen(session, "after_commit", lambda _: tell(), once=True)
