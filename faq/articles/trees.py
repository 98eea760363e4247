"""Scenario trees: questions whose options lead on, until a branch ends in a verdict. Written as text, a step each:

    # 收到多久
    什麼時候收到的？
    - 七天內 -> 有沒有拆
    - 超過七天 -> 不建議：超過鑑賞期，改談保固。

The first step is where one begins. Each way must end in a verdict: 可以, 不建議 or 視情況評估 (in English
yes, not advised, it depends), with words of advice.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.errors import Refused
from bot.language import verdicts

STEPS, OPTIONS = 60, 12  # a chat shows thirteen buttons, of which one is for a person
LABEL, NAME = 20, 40
HEAD = re.compile(r"#+\s*(.+)")
OPTION = re.compile(r"[-*－・]\s*(.+?)\s*(?:->|→|＞|=>)\s*(.+)")
END = re.compile(rf"({'|'.join(verdicts.NAMED)})\s*(?:[：:]\s*(.*))?", re.IGNORECASE)


@dataclass(frozen=True)
class Option:
    """What one may answer, and where that leads: to a step, or to a verdict with advice."""

    label: str
    step: str = ""
    verdict: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Step:
    """A question and its options."""

    question: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Tree:
    """Steps by name; the first is the beginning."""

    steps: Mapping[str, Step]

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that somebody who walks it may read."""
        return tuple(dict.fromkeys((*self.said, *self.labels)))

    @property
    def said(self) -> tuple[str, ...]:
        """What is said at its steps and its ends."""
        return (*(step.question for step in self.steps.values()), *self.advice)

    @property
    def labels(self) -> tuple[str, ...]:
        """What stands on its buttons."""
        return tuple(option.label for step in self.steps.values() for option in step.options)

    @property
    def advice(self) -> tuple[str, ...]:
        """What stands at the ends."""
        options = (option for step in self.steps.values() for option in step.options)
        return tuple(option.advice for option in options if option.advice)


@dataclass(frozen=True)
class Place:
    """Where somebody stands: what he answered so far, and the next question, or the verdict that ends it."""

    answered: tuple[tuple[str, str], ...]
    step: Step | None
    end: Option | None = None


@lru_cache(maxsize=500)
def parse(text: str) -> Tree:
    """The tree that a text means; Refused, naming the line or the way, where it means none."""
    steps = _steps(text)
    for name, step in steps.items():
        _require_whole(name, step, steps)
    reached: set[str] = set()
    _reach(next(iter(steps)), steps, (), reached)
    if lost := [name for name in steps if name not in reached]:
        raise Refused("走不到「%(step)s」：讓一個選項指到它，或刪掉這一步。", step=lost[0])
    return Tree(steps)


def fault(text: str) -> Refused | None:
    """Why it is no tree."""
    try:
        if text:
            parse(text)
    except Refused as refused:
        return refused.at("tree")
    return None


def walk(tree: Tree, path: Sequence[int]) -> Place:
    """The place to which these choices lead; as far as they are there to be chosen."""
    step, answered = next(iter(tree.steps.values())), []
    for chosen in path:
        if not 0 <= chosen < len(step.options):
            break
        option = step.options[chosen]
        answered.append((step.question, option.label))
        if option.verdict:
            return Place(tuple(answered), None, option)
        step = tree.steps[option.step]
    return Place(tuple(answered), step)


def _steps(text: str) -> dict[str, Step]:
    steps: dict[str, Step] = {}
    for name, line, rows in _blocks(text):
        if name in steps:
            raise Refused("第 %(line)s 行：「%(step)s」寫了兩次，換一個名字。", line=line, step=name)
        question = " ".join(row for _, row in rows if not OPTION.fullmatch(row))
        options = (_option(number, *found.groups()) for number, row in rows if (found := OPTION.fullmatch(row)))
        steps[name] = Step(question, tuple(options))
    if not steps:
        raise Refused("情境樹要從一步開始：第一行寫「# 步驟名稱」。")
    if len(steps) > STEPS:
        raise Refused("超過 %(limit)s 步，拆成幾棵。", limit=STEPS)
    return steps


def _blocks(text: str) -> Iterator[tuple[str, int, list[tuple[int, str]]]]:
    """Each step's name, the line where it begins, and its lines."""
    name, begins = "", 0
    rows: list[tuple[int, str]] = []
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        if found := HEAD.fullmatch(line):
            if name:
                yield name, begins, rows
            name, begins, rows = found[1].strip()[:NAME], number, []
        elif line and not name:
            raise Refused("第 %(line)s 行：先寫這一步的名稱，例如「# 收到多久」。", line=number)
        elif line:
            rows.append((number, line))
    if name:
        yield name, begins, rows


def _option(line: int, label: str, leads: str) -> Option:
    if len(label) > LABEL:
        raise Refused("第 %(line)s 行：選項超過 %(limit)s 個字，改短一點。", line=line, limit=LABEL)
    if found := END.fullmatch(leads):
        return Option(label, verdict=verdicts.NAMED[found[1].lower()], advice=(found[2] or "").strip())
    return Option(label, step=leads[:NAME])


def _require_whole(name: str, step: Step, steps: Mapping[str, Step]) -> None:
    if not step.question:
        raise Refused("「%(step)s」沒有問句，在名稱下面寫要問什麼。", step=name)
    if not step.options:
        raise Refused("「%(step)s」沒有選項；寫成「- 選項 -> 下一步」或「- 選項 -> 可以：說明」。", step=name)
    if len(step.options) > OPTIONS:
        raise Refused("「%(step)s」超過 %(limit)s 個選項，分成兩步。", step=name, limit=OPTIONS)
    labels = [option.label for option in step.options]
    if twice := [label for label in labels if labels.count(label) > 1]:
        raise Refused("「%(step)s」有兩個「%(label)s」，改一個。", step=name, label=twice[0])
    if lost := [option for option in step.options if option.step and option.step not in steps]:
        raise Refused(
            "「%(step)s」指到沒有的「%(to)s」：寫一步叫這個名字，或寫結論：可以、不建議、視情況評估。",
            step=name,
            to=lost[0].step,
        )


def _reach(name: str, steps: Mapping[str, Step], before: tuple[str, ...], reached: set[str]) -> None:
    """Add this step and all that it leads to; Refused where a way comes back to where it was."""
    if name in before:
        way = " → ".join((*before[before.index(name) :], name))
        raise Refused("情境樹繞回原處：%(way)s。每條路都要走到結論。", way=way)
    if name in reached:
        return
    for option in steps[name].options:
        if option.step:
            _reach(option.step, steps, (*before, name), reached)
    reached.add(name)
