"""Which stories can be told through processes, by one rule that reads their code.

A story comes in through the web, on the common stage, and neither it nor what it is made of travels in time, patches,
or calls the program itself: that would happen in the test's process, where nobody works. What no code shows is marked
`by_hand`.
"""

import inspect
import types
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

PROGRAM = ("bot", "handoff", "faq", "webhook_app")
FLOWS = "tests.flows."
DOORS = {"app", "client", "chen", "huang"}
STAGE = {"app", "line", "settings", "work"}
TRICKS = {"frontline", "monkeypatch", "mocker"}  # a command runs in the process of the test
ALL, FEWEST = 2000, 120  # where all stories are chosen from, so many must be told through processes
# Reading the clock and making an account happen in the database alike, whoever does it.
HARMLESS = {"bot.auth", "bot.auth.accounts", "bot.clock"}


def divided(stories: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The stories that can be told through processes, and the others; says how many stay behind, and why."""
    obstacles = [obstacle(story) for story in stories]
    kinds = Counter(filter(None, obstacles))
    print(f"\ntopology procfile: {obstacles.count('')} stories; {kinds.total()} stay in the test's process:")
    for reason, count in kinds.most_common():
        print(f"{count:5} {reason}")
    assert len(stories) < ALL or obstacles.count("") >= FEWEST, "hardly any story leaves the test's process any more"
    kept = [story for story, found in zip(stories, obstacles, strict=True) if not found]
    return kept, [story for story, found in zip(stories, obstacles, strict=True) if found]


def obstacle(story: pytest.Item) -> str:
    """Why a story cannot leave the test's process; empty if it can."""
    assert isinstance(story, pytest.Function)
    if story.get_closest_marker("by_hand"):
        return "decides when work is done"
    if not DOORS & set(story.fixturenames):
        return "does not come in through the web"
    if STAGE & _own_fixtures(story).keys():
        return "has a stage of its own"
    if TRICKS & set(story.fixturenames):
        return "patches the program"
    functions = [story.function, *_own_fixtures(story).values()]
    inside = {name for function in functions for name in _reached(function, set())}
    return next((f"uses {name}" for name in sorted(inside)), "")


def _own_fixtures(story: pytest.Function) -> dict[str, Callable[..., Any]]:
    """The fixtures of the story's own module, or of its folder: all but the common stage."""
    found = {name: definitions[-1].func for name, definitions in story._fixtureinfo.name2fixturedefs.items()}
    return {name: made for name, made in found.items() if made.__module__.startswith(FLOWS)}


def _reached(function: Callable[..., Any], seen: set[object]) -> Iterator[str]:
    """The modules of the program, and of time travel, that a function and its module's helpers call."""
    function = inspect.unwrap(function)
    if not isinstance(function, types.FunctionType) or function in seen:
        return
    seen.add(function)
    for name in _names(function.__code__):
        used = function.__globals__.get(name)
        if isinstance(used, types.FunctionType) and used.__module__ == function.__module__:
            yield from _reached(used, seen)
        elif module := _module(used):
            yield module


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _names(inner)


def _module(used: object) -> str:
    """The module that must run in the caller's process for this to work; empty if there is none."""
    name = used.__name__ if isinstance(used, types.ModuleType) else ""
    if isinstance(used, types.FunctionType):
        name = used.__module__
    ours = name.split(".")[0] in PROGRAM and name not in HARMLESS
    return name if ours or name == "time_machine" else ""
