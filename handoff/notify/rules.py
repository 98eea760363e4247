"""What is told to whom, and how loudly: one line a kind of journal entry. Pure.

Only what somebody has to act on is told; all else can be seen on the console.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PUSH, MAIL, ROOM, LINE_GROUP = "webpush", "email", "chat", "line_group"
FALLBACK = (PUSH, MAIL)  # where the medium of a rule is out of reach, these in turn
QUIETLY, TO_DO, PRESSING, ALARM = range(4)
NEARLY = 80
URGENT_LEVEL = "L1"
TOLD_OTHERWISE = frozenset({"accept", "untouched", "department", "promise", "proposal"})


@dataclass(frozen=True)
class Rule:
    """`to` names receivers (see `People.named`); `media` go out at once, beside the bell of the console.

    `loudness`: an unread notice of the same case collapses what is not louder. `watched`: if it stays unread, a
    backup receiver is told. `group`: the staff's rooms as well, if the case is L1 or the matter concerns no case.
    """

    to: tuple[str, ...]
    media: tuple[str, ...] = ()
    loudness: int = TO_DO
    watched: bool = True
    group: bool = False


RULES: Mapping[str, Rule] = {
    "ticket.opened": Rule(("queue",), (PUSH,), TO_DO, watched=False, group=True),
    "ticket.urgent": Rule(("queue", "leads"), (PUSH, MAIL), ALARM, group=True),
    "ticket.assigned": Rule(("named",), (PUSH, MAIL), TO_DO),
    "ticket.taken_away": Rule(("former",), (PUSH,), TO_DO, watched=False),
    "ticket.requeued": Rule(("leads", "former"), (PUSH,), TO_DO, watched=False),
    "ticket.customer_wrote": Rule(("owner",), (PUSH,), QUIETLY),
    "ticket.reopened": Rule(("owner or leads",), (PUSH,), TO_DO),
    "ticket.escalated": Rule(("asked",), (PUSH, MAIL), ALARM, group=True),
    "ticket.department_asked": Rule(("department",), (PUSH, MAIL), TO_DO),
    "ticket.department_accepted": Rule(("owner",), (), QUIETLY, watched=False),
    "ticket.department_answered": Rule(("owner",), (PUSH,), TO_DO),
    "ticket.noted": Rule(("owner",), (PUSH,), TO_DO),
    "ticket.floor": Rule(("named",), (PUSH,), TO_DO, watched=False),
    "ticket.proposal_refused": Rule(("owner",), (PUSH,), TO_DO),
    "ticket.proposal_lapsed": Rule(("owner",), (PUSH,), TO_DO),
    "ticket.parked": Rule(("owner",), (), QUIETLY, watched=False),
    "ticket.unparked": Rule(("owner or leads",), (PUSH,), TO_DO),
    "ticket.mentioned": Rule(("named",), (PUSH,), TO_DO),
    "ticket.whispered": Rule(("named",), (PUSH,), TO_DO, watched=False),
    "proposal.first_approved": Rule(("leads",), (PUSH,), TO_DO, watched=False),
    "proposal.by_hand": Rule(("owner or leads",), (PUSH,), TO_DO),
    "ticket.undelivered": Rule(("owner or leads",), (PUSH,), PRESSING),
    "clock.warned": Rule(("owner or leads", "asked"), (PUSH,), TO_DO),
    "clock.nearly": Rule(("owner or leads", "asked"), (PUSH, MAIL), PRESSING),
    "clock.breached": Rule(("owner", "leads"), (PUSH, MAIL), ALARM, group=True),
    "promise.due": Rule(("owner or leads",), (PUSH, MAIL), PRESSING),
    "promise.broken": Rule(("owner", "leads"), (PUSH, MAIL), ALARM),
    "articles.due": Rule(("named or keepers",), (PUSH, MAIL), TO_DO, watched=False),
    "articles.overdue": Rule(("named or keepers", "reviewers"), (PUSH, MAIL), TO_DO, watched=False),
    "unanswered.waiting": Rule(("keepers",), (PUSH, MAIL), TO_DO, watched=False),
    "invariant.violated": Rule(("leads", "heads"), (PUSH, MAIL), ALARM, watched=False, group=True),
    "surge.began": Rule(("leads", "standby"), (PUSH, MAIL), ALARM, watched=False, group=True),
    "surge.ended": Rule(("leads",), (), QUIETLY, watched=False),
    "menu.failed": Rule(("supervisors",), (PUSH,), TO_DO, watched=False),
    "notice.room_down": Rule(("supervisors",), (), TO_DO, watched=False),
    "notice.not_made": Rule(("supervisors",), (PUSH,), PRESSING, watched=False),
}


SILENT = Rule((), (), QUIETLY, watched=False)


def sort_of(kind: str, data: Mapping[str, Any], level: str = "") -> str:
    """The rule's name for a journal entry: a warning that comes late is a louder one, as a new case that is urgent is.

    No rule is for what nobody need hear: a colleague's note, the floor taken back.
    Of clocks that run out on purpose the journal tells in other words what came of it.
    """
    match kind:
        case "clock.warned" if data.get("clock") == "promise":
            return "promise.due"
        case "clock.warned" if data.get("percent", 0) >= NEARLY:
            return "clock.nearly"
        case "ticket.opened" if level == URGENT_LEVEL:
            return "ticket.urgent"
    said = {
        "clock.breached": data.get("clock") not in TOLD_OTHERWISE,
        "ticket.noted": bool(data.get("department")),
        "ticket.floor": bool(data.get("given")),
    }
    return kind if said.get(kind, True) else ""


def sorts_of(kind: str, data: Mapping[str, Any], level: str = "") -> tuple[str, ...]:
    """All rules that a journal entry calls for: a case that changed hands is told to both, each in words of her own."""
    changed_hands = kind == "ticket.assigned" and data.get("from_user") not in (None, data.get("to_user"))
    sorts = sort_of(kind, data, level), *(("ticket.taken_away",) if changed_hands else ())
    return tuple(sort for sort in sorts if sort in RULES)


@dataclass(frozen=True)
class People:
    """Who is who for one case. `queue` are those of the team who are there; `former` had the case before.

    `keepers` write what is answered, `reviewers` approve it.
    """

    owner: int | None = None
    named: int | None = None
    former: int | None = None
    queue: frozenset[int] = frozenset()
    standby: frozenset[int] = frozenset()
    leads: frozenset[int] = frozenset()
    heads: frozenset[int] = frozenset()
    supervisors: frozenset[int] = frozenset()
    department: frozenset[int] = frozenset()
    keepers: frozenset[int] = frozenset()
    reviewers: frozenset[int] = frozenset()
    absent: frozenset[int] = field(default=frozenset())

    def called(self, name: str, asked: str) -> frozenset[int]:
        """The people of one name in a rule; `asked` is the rung of the ladder: agent, lead or head."""
        match name:
            case "owner or leads":
                return self._one(self.owner) or self.leads
            case "named or keepers":
                return self._one(self.named) or self.keepers
            case "owner" | "named" | "former":
                return self._one(getattr(self, name))
            case "queue":
                return frozenset() if self.owner else (self.queue or self.leads)
            case "asked":
                return {"agent": frozenset[int](), "head": self.heads}.get(asked, self.leads)
            case "department":
                return self.department or self.leads
        found: frozenset[int] = getattr(self, name)
        return found

    @staticmethod
    def _one(user: int | None) -> frozenset[int]:
        return frozenset() if user is None else frozenset({user})

    def backups(self, receiver: int) -> frozenset[int]:
        """Who is told when `receiver` does not look: the leads, and of a lead the heads."""
        return self.heads - {receiver} if receiver in self.leads else self.leads - {receiver}


def audience(rule: Rule, people: People, *, asked: str = "", doer: int | None = None) -> frozenset[int]:
    """Whom a rule tells; never the one who did it."""
    told = frozenset[int]().union(*(people.called(name, asked) for name in rule.to))
    return told - {doer} if doer is not None else told
