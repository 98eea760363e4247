"""What stands on the parts of our menus, by what a tap brings or says: LINE tells a tap by its data alone."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from faq.menus import design
from faq.models import LineMenu

VERSIONS = 20  # phones show an older one for a while


class MenuLabels:
    """`bot.ports.MenuLabels` of what content staff drew, read anew when a version is added: none is ever changed."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, Mapping[str, str]]] = {}

    def of(self, session: Session, account_id: int) -> Mapping[str, str]:
        """What a newer version says of a part counts."""
        newest = session.scalar(select(func.max(LineMenu.id)).where(LineMenu.account_id == account_id)) or 0
        known = self._known.get(account_id)
        if known is None or known[0] != newest:
            known = self._known[account_id] = newest, _read(session, account_id)
        return known[1]


def _read(session: Session, account_id: int) -> Mapping[str, str]:
    drawn = select(LineMenu.design).where(LineMenu.account_id == account_id).order_by(LineMenu.id.desc())
    designs = [design.read(data) for data in session.scalars(drawn.limit(VERSIONS))]
    parts = (part for one in reversed(designs) for part in one.parts if part.kind in ("text", "postback"))
    return {part.value: part.label for part in parts}
