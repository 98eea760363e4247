"""Between the password and the second step: five minutes, in this browser's cookie, which opens nothing by itself."""

from datetime import timedelta

from flask import session

from bot import db
from bot.clock import now
from bot.models import User

LASTS = timedelta(minutes=5)
NAME = "halfway"


def begin(user: User) -> None:
    """The password was right."""
    session[NAME] = [user.id, user.session_key, (now() + LASTS).timestamp()]


def who(sessions: db.Sessions) -> User | None:
    """Who has given the password here, unless it took too long or they were signed out everywhere meanwhile."""
    user_id, stamp, until = session.get(NAME, (0, "", 0))
    if until < now().timestamp():
        return None
    with db.reading(sessions) as reader:
        user = reader.get(User, user_id)
    return user if user and user.active and user.session_key == stamp else None
