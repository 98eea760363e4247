"""What a notice says outside the console: the case, what is the matter, until when; never what a customer wrote.

It is said in the reader's language; in a room that several read, in the house's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.tongues import HOUSE, N_, Say, speak
from handoff.models import Notice, Ticket
from handoff.notifiers import Letter
from handoff.notify.rules import PRESSING

TITLES: Mapping[str, str] = {
    "ticket.opened": N_("新案件等人接手"),
    "ticket.urgent": N_("緊急案件，需要你處理"),
    "ticket.assigned": N_("案件指派給你"),
    "ticket.taken_away": N_("你手上的案件交給別人了"),
    "ticket.requeued": N_("案件回到佇列"),
    "ticket.customer_wrote": N_("顧客又寫來了"),
    "ticket.reopened": N_("案件重新開啟"),
    "ticket.escalated": N_("案件升級，需要你處理"),
    "ticket.department_asked": N_("有案件請你的部門協助"),
    "ticket.department_accepted": N_("部門接下了你的請求"),
    "ticket.department_answered": N_("部門處理完了"),
    "ticket.noted": N_("部門窗口寫了備註"),
    "ticket.floor": N_("你可以直接回覆顧客了"),
    "ticket.proposal_refused": N_("顧客說還沒有解決"),
    "ticket.proposal_lapsed": N_("案件還不能結案，請再看一次"),
    "ticket.parked": N_("顧客封鎖了帳號，案件先擱著"),
    "ticket.unparked": N_("顧客解除封鎖，案件繼續處理"),
    "ticket.mentioned": N_("有人在備註裡提到你"),
    "ticket.whispered": N_("主管對你耳語"),
    "proposal.first_approved": N_("有一份回覆等你做第二位核准"),
    "proposal.by_hand": N_("核准的訂單變更要你確認"),
    "ticket.undelivered": N_("有訊息沒有送到顧客手上"),
    "clock.warned": N_("案件快到期了"),
    "clock.nearly": N_("案件即將逾時"),
    "clock.breached": N_("案件已逾時"),
    "promise.due": N_("答應顧客的事快到期了"),
    "promise.broken": N_("答應顧客的事已逾期"),
    "invariant.violated": N_("有案件一度沒有負責人，系統已修復"),
    "surge.began": N_("進線量暴增"),
    "surge.ended": N_("進線量恢復正常"),
    "menu.failed": N_("LINE 不接受新的選單，請看 LINE 選單"),
    "notice.room_down": N_("通知沒有送到群組"),
    "notice.not_made": N_("有一則通知沒有發出去，請看這件案件"),
    "articles.due": N_("有文章該複查了"),
    "articles.overdue": N_("有文章該複查，兩週沒人看"),
    "unanswered.waiting": N_("有問題機器人答不出來，等你處理"),
    "digest": N_("今天的案件清單"),
    "test": N_("這是一則測試通知"),
}
PLACES: Mapping[str, str] = {
    "articles.due": "/content/articles?due=1",
    "articles.overdue": "/content/articles?due=1",
    "unanswered.waiting": "/content/unanswered",
}
"""Where one sees to what concerns no case; else on the console."""

CLOCKS: Mapping[str, str] = {
    "first": N_("首次回覆"),
    "next": N_("下次回覆"),
    "customer": N_("顧客等候"),
    "resolution": N_("解決"),
    "promise": N_("答應顧客的事"),
    "department": N_("部門接手"),
}
"""What is due, by the kind of clock."""


def letter(notice: Notice, key: str, pages: str, zone: ZoneInfo) -> Letter:
    """A notice as its media take it."""
    ticket, _ = notice.ticket, speak(notice.user.language if notice.user else HOUSE)
    about = f"[{notice.level}] {ticket.number} " if ticket else ""
    return Letter(
        key=key,
        title=about + _(TITLES.get(notice.kind, notice.kind)),
        body=_text(notice.facts, _) or _body(notice, ticket, zone, _),
        url=f"{pages}/console/cases/{ticket.number}" if ticket else pages + PLACES.get(notice.kind, "/console"),
        topic=ticket.number if ticket else notice.kind,
        urgent=notice.loudness >= PRESSING or notice.level == "L1",
        data=_data(notice, ticket),
    )


def until(due: datetime, kind: str, zone: ZoneInfo, label: str, _: Say) -> str:
    """A deadline, and what it is for."""
    what = _(CLOCKS[kind]) if kind in CLOCKS else ""
    return f"{label} {due.astimezone(zone):%m/%d %H:%M} {what}".rstrip()


def _data(notice: Notice, ticket: Ticket | None) -> dict[str, Any]:
    """The same for programs: ids and judgements, no words of a customer."""
    case: dict[str, Any] = {}
    if ticket is not None:
        case = {name: getattr(ticket, name) for name in ("number", "state", "level", "team", "version")}
        case |= {"assignee": ticket.assignee.username if ticket.assignee else None}
    return {"type": notice.kind, "timestamp": notice.created_at.isoformat(), "data": {**notice.facts, **case}}


def _text(facts: Mapping[str, Any], _: Say) -> str:
    """What it brings with it; of several articles the first, of questions how many."""
    if groups := facts.get("groups"):
        return _("%(count)s 則，%(groups)s 組", count=facts["messages"], groups=groups)
    text, articles = facts.get("text", ""), facts.get("articles", 1)
    return _("%(first)s等 %(n)s 篇", first=text, n=articles) if articles > 1 else text


def _body(notice: Notice, ticket: Ticket | None, zone: ZoneInfo, _: Say) -> str:
    lines = [ticket.reason if ticket else ""]
    if due := notice.facts.get("due_at"):
        lines.append(until(datetime.fromisoformat(due), notice.facts.get("clock", ""), zone, _("期限"), _))
    if notice.backs_id:
        lines.append(_("原本的收件人還沒有看，所以也通知你。"))
    return "\n".join(line for line in lines if line)
