"""What the composition root plugs into the commands, and how a command gets its services.

The commands live in the engine and may not import the desk or the content; `webhook_app` hands them the
two things that take all three: preparing a data folder, and wiring a process.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from pydantic import ValidationError

from bot.cli import checks, mistakes
from bot.log import configure
from bot.services import Services
from bot.settings import Settings


@dataclass(frozen=True)
class SignIn:
    """A demo user, as shown to whoever runs the demo."""

    role: str
    name: str
    password: str


@dataclass(frozen=True)
class Root:
    """`prepare` migrates and trains what is missing, `load_demo` fills in the demo's people and answers,

    `install` wires this process; `answerable` names the intents that the shipped content answers.
    """

    prepare: Callable[[Settings], None]
    load_demo: Callable[[Settings], None]
    install: Callable[[Settings], Services]
    sign_ins: tuple[SignIn, ...] = ()
    answerable: Callable[[], frozenset[str]] = frozenset


def read_settings() -> Settings:
    """The settings of the environment; a bad one is named in one line."""
    try:
        settings = Settings()
    except ValidationError as invalid:
        wrong = "; ".join(_named(error["loc"], error["msg"]) for error in invalid.errors())
        raise click.ClickException(f"A setting is wrong: {wrong}.") from invalid
    mistakes.check_address(settings)
    return settings


def _named(place: tuple[int | str, ...], message: str) -> str:
    """What is wrong with a setting; where it is wrong with several, the message names them."""
    said = message.removeprefix("Value error, ")
    return f"{str(place[0]).upper()}: {said}" if place else said


def ready(root: Root) -> Settings:
    """The settings of a data folder that is made ready, whatever its state was."""
    settings = read_settings()
    checks.data_folder(settings)
    with mistakes.explained(settings):
        root.prepare(settings)
    return settings


def installed(root: Root, settings: Settings) -> Services:
    """The services of this process; what stops them is named in one line."""
    with mistakes.explained(settings):
        return root.install(settings)


def with_services(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the services of a ready data folder as its first argument, whatever its state was."""

    @click.pass_obj
    @functools.wraps(command)
    def prepared(root: Root, *arguments: Any, **options: Any) -> Any:
        configure("command")  # to standard error: standard output holds only the result
        return command(installed(root, ready(root)), *arguments, **options)

    return prepared
