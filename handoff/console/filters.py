"""What a view is narrowed to: team, level, category, channel, tag, field, whose. Empty means: does not matter."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, false, select
from sqlalchemy.orm import Session

from bot.auth import may
from bot.models import Account, Conversation, User
from bot.nlu.policy import load as load_policy
from bot.searching import matches
from handoff.models import SavedFilter, Team, Ticket
from handoff.tickets import marks

LONGEST = 60


@dataclass(frozen=True)
class Filter:
    """Equal to all that is given. `assignee` is a user name; `field` a field of the house and its value, by a =."""

    team: str = ""
    level: str = ""
    category: str = ""
    channel: str = ""
    tag: str = ""
    field: str = ""
    assignee: str = ""

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Filter":
        """From a form or an address, or as it was saved."""
        return cls(**{one.name: str(given.get(one.name, "")).strip()[:LONGEST] for one in fields(cls)})

    @property
    def given(self) -> dict[str, str]:
        """What it says, for addresses and to be saved."""
        return {name: value for name, value in asdict(self).items() if value}

    def conditions(self, session: Session) -> list[ColumnElement[bool]]:
        """What a case must be."""
        found = [getattr(Ticket, name) == value for name, value in self.given.items() if name in ("team", "level")]
        if self.category:
            found.append(Ticket.category == self.category)
        if self.channel:
            account = select(Account.id).where(Account.channel == self.channel)
            found.append(Ticket.conversation.has(Conversation.account_id.in_(account)))
        if self.tag:
            found.append(_tagged(session, self.tag))
        if self.field:
            found.append(_filled(session, *self.field.split("=", 1)))
        if self.assignee:
            found.append(Ticket.assignee_id.in_(select(User.id).where(User.username == self.assignee)))
        return found


def _tagged(session: Session, tag: str) -> ColumnElement[bool]:
    """The words find few cases quickly; of those the tag is one that is called just so."""
    listed = cast(Ticket.tags, Text).contains(f'"{tag}"', autoescape=True)
    return and_(matches(session, Ticket, tag), listed)


def _filled(session: Session, name: str, value: str = "") -> ColumnElement[bool]:
    """Likewise of the value of a field that the house keeps, which the words of a case hold as well."""
    if name not in [field.name for field in marks.fields(session)]:
        return false()
    return and_(matches(session, Ticket, value), Ticket.custom[name].as_string() == value)


def saved(session: Session, user_id: int) -> Sequence[SavedFilter]:
    """The filters that somebody keeps."""
    return session.scalars(select(SavedFilter).where(SavedFilter.user_id == user_id).order_by(SavedFilter.name)).all()


def own(session: Session, user_id: int, filter_id: int) -> SavedFilter | None:
    """A filter that this person keeps."""
    return session.scalar(select(SavedFilter).where(SavedFilter.id == filter_id, SavedFilter.user_id == user_id))


def choices(session: Session) -> dict[str, Any]:
    """What the form offers."""
    users = session.execute(select(User.username, User.name, User.role).where(User.active).order_by(User.name)).all()
    return {
        "teams": session.scalars(select(Team).order_by(Team.id)).all(),
        "categories": tuple(load_policy()[0].categories),
        "channels": session.scalars(select(Account.channel).distinct().order_by(Account.channel)).all(),
        "tags": list(marks.in_use(marks.tags(session))),
        "fields": [field for field in marks.fields(session) if field.kind == "choice"],
        "colleagues": [user for user in users if may(user.role, "desk.work")],
    }
