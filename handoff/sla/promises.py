"""Until when a case is answered, and the sentence that says so. It never says what the clock does not hold us to,
and where people waited longer in the last hour than the rule asks, it says that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import yaml

from handoff.hours import OpeningHours
from handoff.sla.rules import Targets

DEFAULT_LANGUAGE = "zh-TW"
SENTENCES = Path(__file__).with_name("sentences.yml")
STEP = timedelta(minutes=5)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Promise:
    """Until when somebody answers and the case is closed.

    The customer hears of `told`, which may be later, and of a `wait` that ends there; `text` awaits the number.
    """

    first_response_due: datetime
    resolution_due: datetime
    told: datetime
    wait: timedelta
    text: str

    def for_case(self, number: str) -> str:
        return self.text.replace("{number}", number)


def promise(
    targets: Targets,
    at: datetime,
    hours: OpeningHours,
    *,
    language: str = DEFAULT_LANGUAGE,
    usual: timedelta = timedelta(),
    second: str = "",
) -> Promise:
    """What a case that is opened at `at` is promised.

    `usual` is how long people wait now; `second` is another way to reach somebody.
    """
    due, wait = hours.add(at, targets.first), honest(targets.first, usual, at, hours)
    told = hours.add(at, wait)
    says = _Words(language)
    text = says.opened(at, told, wait, hours, busy=told > due)
    return Promise(due, hours.add(at, targets.resolution), told, wait, text + (says.second(second) if second else ""))


def honest(target: timedelta, usual: timedelta, at: datetime, hours: OpeningHours) -> timedelta:
    """How long we say it takes: the target, or what people wait now where that is longer and we do not close."""
    return max(target, _rounded(usual)) if hours.add(at, target) == at + target else target


def reminder(number: str, due: datetime, at: datetime, hours: OpeningHours, language: str = DEFAULT_LANGUAGE) -> str:
    """The truth about a case that is open already: the time that was promised, if it has not passed."""
    return _Words(language).reminder(number, due, at, hours)


def later(number: str, told: datetime, at: datetime, hours: OpeningHours, language: str = DEFAULT_LANGUAGE) -> str:
    """The wait turned out longer than we said."""
    return _Words(language).later(number, told, at, hours)


def sooner(number: str, told: datetime, at: datetime, hours: OpeningHours, language: str = DEFAULT_LANGUAGE) -> str:
    """The case is more urgent than when we spoke of it."""
    return _Words(language).sooner(number, told, at, hours)


def presence(at: datetime, hours: OpeningHours, language: str = DEFAULT_LANGUAGE) -> str:
    """When people are there today, and whether they are now; else from when on they answer."""
    return _Words(language).presence(at, hours)


def _rounded(span: timedelta) -> timedelta:
    """Up to full five minutes."""
    return -(-span // STEP) * STEP


class _Words:
    """The sentences of a language; of Traditional Chinese where we have none of our own."""

    def __init__(self, language: str) -> None:
        self._sentences = _sentences().get(language) or _sentences()[DEFAULT_LANGUAGE]

    def opened(self, at: datetime, told: datetime, wait: timedelta, hours: OpeningHours, *, busy: bool) -> str:
        if told != at + wait or not hours.is_open(at):
            return self._recorded(told, at, hours)
        return self._say("busy" if busy else "soon", number="{number}", span=self._length(wait))

    def reminder(self, number: str, due: datetime, at: datetime, hours: OpeningHours) -> str:
        if due <= at:
            return self._say("in_hand", number=number)
        return self._say("promised", number=number, moment=self._moment(due, at, hours))

    def later(self, number: str, told: datetime, at: datetime, hours: OpeningHours) -> str:
        return self._say("later", number=number, moment=self._moment(told, at, hours))

    def sooner(self, number: str, told: datetime, at: datetime, hours: OpeningHours) -> str:
        return self._say("sooner", number=number, moment=self._moment(told, at, hours))

    def presence(self, at: datetime, hours: OpeningHours) -> str:
        today = hours.on(at.astimezone(hours.zone).date())
        facts = {"hours": self._sentences["and"].join(map(str, today))}
        if hours.is_open(at):
            return self._say("here" if today else "still_here", **facts)
        opening = self._moment(hours.next_opening(at), at, hours)
        return self._say("away" if today else "closed", opening=opening, **facts)

    def second(self, way: str) -> str:
        return self._say("second", second=way)

    def _recorded(self, told: datetime, at: datetime, hours: OpeningHours) -> str:
        """It comes first when we open again; the answer is there by the time that the clock holds us to."""
        opening = hours.next_opening(at)
        same_day = opening.astimezone(hours.zone).date() == told.astimezone(hours.zone).date()
        latest = self._say("same_day", clock=self._clock(told, hours)) if same_day else self._moment(told, at, hours)
        return self._say("recorded", number="{number}", opening=self._moment(opening, at, hours), latest=latest)

    def _say(self, key: str, **facts: str) -> str:
        return self._sentences[key].format(**facts)

    def _length(self, span: timedelta) -> str:
        hours, minutes = divmod(int(span.total_seconds() // 60), 60)
        named = (("hour" if hours == 1 else "hours", hours), ("minutes", minutes))
        return self._sentences["and"].join(self._say(unit, n=str(n)) for unit, n in named if n)

    def _moment(self, due: datetime, at: datetime, hours: OpeningHours) -> str:
        """「次日 9 點」: the day as seen from `at`, and the time on the shop's clock."""
        there, here = due.astimezone(hours.zone), at.astimezone(hours.zone)
        near = {0: "today", 1: "tomorrow"}.get((there.date() - here.date()).days, "day")
        clock = self._clock(due, hours)
        date = {"month": str(there.month), "day": str(there.day), "name": there.strftime("%b")}
        return self._sentences[near].format(clock=clock, **date)

    def _clock(self, due: datetime, hours: OpeningHours) -> str:
        there = due.astimezone(hours.zone)
        return self._say("past" if there.minute else "full", hour=str(there.hour), minute=f"{there.minute:02d}")


@cache
def _sentences() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = yaml.safe_load(SENTENCES.read_text("utf-8"))
    return found
