"""What we promise for a case, by level: due times from `sla_rules.yml` and the sentence a customer reads.

Pure. The sentence is made from the due time, so it never says what the clock does not hold us to.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import yaml

from bot.errors import SettingsError
from handoff.hours import OpeningHours

RULES = Path(__file__).with_name("sla_rules.yml")
SPAN = re.compile(r"(\d+) (min|h)")


@dataclass(frozen=True)
class Rule:
    """The targets of one level."""

    first_response: timedelta
    resolution: timedelta


@dataclass(frozen=True)
class Promise:
    """Until when somebody answers and the case is closed. `text` tells the customer; it awaits the number."""

    first_response_due: datetime
    resolution_due: datetime
    text: str

    def for_case(self, number: str) -> str:
        return self.text.format(number=number)


@lru_cache(maxsize=1)
def rules() -> dict[str, Rule]:
    """The rules as shipped, by level."""
    rows = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return {level: Rule(**{target: _span(span) for target, span in row.items()}) for level, row in rows.items()}


def promise(level: str, opened_at: datetime, hours: OpeningHours) -> Promise:
    """What a case of `level` opened at `opened_at` is promised."""
    rule = rules()[level]
    due = first_response_due(rule, opened_at, hours)
    return Promise(due, hours.add(opened_at, rule.resolution), _opened(rule, opened_at, due, hours))


def first_response_due(rule: Rule, at: datetime, hours: OpeningHours) -> datetime:
    """While open: the target, or the next opening if we close before. While closed: the next opening."""
    return hours.next_open(at + rule.first_response) if hours.is_open(at) else hours.next_open(at)


def reminder(number: str, due: datetime, at: datetime, hours: OpeningHours) -> str:
    """The truth about a case that is open already: the time that was promised, if it has not passed."""
    if due <= at:
        return f"您的案件（{number}）已在客服專員手上，會優先回覆您。"
    return f"您的案件（{number}）已在客服專員手上，最晚{_moment(due, at, hours)}前會有人回覆您。"


def _opened(rule: Rule, at: datetime, due: datetime, hours: OpeningHours) -> str:
    if hours.is_open(at) and due == at + rule.first_response:
        return f"已轉給客服專員（案件 {{number}}），{_length(rule.first_response)}內會有人回覆您。"
    return f"已記錄（案件 {{number}}），將於{_moment(due, at, hours)}前優先處理。"


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} 小時" if minutes % 60 == 0 else f"{minutes} 分鐘"


def _moment(due: datetime, at: datetime, hours: OpeningHours) -> str:
    """「次日 9 點」: the day as seen from `at`, and the time on the shop's clock."""
    there, here = due.astimezone(hours.zone), at.astimezone(hours.zone)
    days = (there.date() - here.date()).days
    day = {0: "今天", 1: "次日"}.get(days, f" {there.month} 月 {there.day} 日")
    minute = f" {there.minute} 分" if there.minute else ""
    return f"{day} {there.hour} 點{minute}"


def _span(text: str) -> timedelta:
    match = SPAN.fullmatch(text)
    if match is None:
        raise SettingsError(f"sla_rules.yml: {text!r} is not like '15 min' or '2 h'")
    amount, unit = int(match[1]), match[2]
    return timedelta(hours=amount) if unit == "h" else timedelta(minutes=amount)
