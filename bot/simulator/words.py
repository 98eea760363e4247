"""The steps of a trace in plain words, for the page's 「幕後」."""

from typing import Any

from flask_babel import gettext as _

from bot.nlu.policy import load
from bot.simulator.trace import Step

ICONS = {
    "waiting": "clock",
    "received": "inbox",
    "stored": "lock",
    "understood": "target",
    "decided": "branch",
    "opened": "users",
    "reopened": "users",
    "with_person": "users",
    "written": "send",
    "sent": "check",
    "unknown": "warn",
    "failed": "warn",
    "cancelled": "ban",
}


def described(step: Step) -> dict[str, str]:
    """A step as the page shows it."""
    telling = TELLING.get(step.kind)
    detail = telling(step.facts) if telling else _plain()[step.kind]
    shown = {"kind": step.kind, "icon": ICONS[step.kind], "title": _titles()[step.kind], "detail": detail}
    return shown | {"at": step.at.isoformat()}


def _titles() -> dict[str, str]:
    return {
        "waiting": _("等待送達"),
        "received": _("收到"),
        "stored": _("存好"),
        "understood": _("看懂"),
        "decided": _("決定"),
        "opened": _("開案件"),
        "reopened": _("重新開啟案件"),
        "with_person": _("交給承辦人"),
        "written": _("送出"),
        "sent": _("LINE 已接收"),
        "unknown": _("不確定有沒有送到"),
        "failed": _("沒有送出"),
        "cancelled": _("不送了"),
    }


def _plain() -> dict[str, str]:
    return {
        "received": _("LINE，簽章正確"),
        "stored": _("原始內容已保存，可重播"),
        "reopened": _("顧客又來訊，回到同一件案件"),
        "with_person": _("案件處理中，由真人回覆，機器人不插話"),
        "unknown": _("LINE 沒有回應，可能已送達；不會自動重送"),
        "failed": _("LINE 拒絕了這則訊息"),
        "cancelled": _("送出前已由真人接手或被顧客封鎖"),
    }


def _waiting(facts: dict[str, Any]) -> str:
    if not facts["attempts"]:
        return str(_("正要送給機器人"))
    return str(_("機器人沒有收下（%(answer)s），已試 %(attempts)s 次，會再送", **facts))


def _understood(facts: dict[str, Any]) -> str:
    title = _title(str(facts.get("intent")))
    if facts.get("rule"):
        return str(_("%(title)s，依規則判斷", title=title))
    confidence, accept = f"{facts.get('confidence', 0):.2f}", f"{facts.get('accept', 0):.2f}"
    return str(_("%(title)s，信心%(confidence)s（門檻 %(accept)s）", title=title, confidence=confidence, accept=accept))


def _title(intent: str) -> str:
    """An intent as staff read it."""
    policy, _lexicon = load()
    return policy.intents[intent].title if intent in policy.intents else intent


def _decided(facts: dict[str, Any]) -> str:
    risk = {"low": _("低風險"), "high": _("高風險")}.get(str(facts.get("risk")), "")
    complexity = {"simple": _("簡單"), "complex": _("複雜")}.get(str(facts.get("complexity")), "")
    routes = {
        "auto": _("自動回答"),
        "clarify": _("反問一句"),
        "hybrid": _("先收集資料，再給真人"),
        "review": _("準備好，由真人核准"),
        "human": _("馬上給真人"),
    }
    route = routes.get(str(facts.get("route")), str(facts.get("route")))
    cell = "＋".join(part for part in (risk, complexity) if part)
    reasons = "；".join(str(reason) for reason in facts.get("reasons") or ())
    return "\n".join(line for line in (f"{cell} → {route}" if cell else route, reasons) if line)


def _sent(facts: dict[str, Any]) -> str:
    if facts.get("via") == "reply":
        return str(_("%(count)s 則，用回覆權杖，不耗推播額度", **facts))
    return str(_("%(count)s 則，用推播，耗 1 則額度", **facts))


def _opened(facts: dict[str, Any]) -> str:
    return str(_("%(number)s，%(level)s", number=facts.get("number", ""), level=facts.get("level", "")))


def _written(facts: dict[str, Any]) -> str:
    return str(_("%(count)s 則，先寫進待送清單再呼叫 LINE", **facts))


TELLING = {
    "waiting": _waiting,
    "understood": _understood,
    "decided": _decided,
    "opened": _opened,
    "written": _written,
    "sent": _sent,
}
