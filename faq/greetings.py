"""What the bot greets with: the template that content staff wrote for who follows us, or for who is back."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.dialogue import LABEL_LIMIT
from bot.errors import Refused
from bot.messages import Button, Outbound
from faq.articles import variables
from faq.models import ReplyTemplate

FOLLOW, RETURN = "follow", "return"
SERVES = (FOLLOW, RETURN)
VARIABLES = ("name", "shop", "help")
MOST = 11  # LINE shows 13 at most, of which one is the way to a person


def find(session: Session, name: str, *, again: bool) -> Outbound | None:
    """The greeting; who is back is greeted as others are where nothing was written for him."""
    greets = select(ReplyTemplate).where(ReplyTemplate.serves.in_(SERVES))
    written = {one.serves: one for one in session.scalars(greets)}
    kept = (written.get(RETURN) if again else None) or written.get(FOLLOW)
    if kept is None:
        return None
    said = variables.filled(kept.text, {**variables.of_the_house(), "name": name})
    return Outbound(said, tuple(Button(label, label) for label in kept.buttons))


def check(text: str, buttons: Sequence[str]) -> None:
    """Refused where it could not be said."""
    if set(variables.named(text)) - {*VARIABLES}:
        raise Refused("歡迎詞裡只能用 {name}、{shop} 和 {help}：這時候還沒有案件。")
    if len(buttons) > MOST:
        raise Refused("按鈕最多 %(most)s 個；「找真人」會自動加上。", most=MOST)
    if long := next((label for label in buttons if len(label) > LABEL_LIMIT), None):
        raise Refused("按鈕「%(label)s」太長，最多 %(most)s 個字。", label=long, most=LABEL_LIMIT)
