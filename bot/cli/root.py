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

    `install` wires this process.
    """

    prepare: Callable[[Settings], None]
    load_demo: Callable[[Settings], None]
    install: Callable[[Settings], Services]
    sign_ins: tuple[SignIn, ...] = ()


def read_settings() -> Settings:
    """The settings of the environment; a bad one is named in one line."""
    try:
        return Settings()
    except ValidationError as invalid:
        wrong = "; ".join(f"{str(error['loc'][0]).upper()}: {error['msg']}" for error in invalid.errors())
        raise click.ClickException(f"A setting is wrong: {wrong}.") from invalid


def with_services(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the services of a ready data folder as its first argument, whatever its state was."""

    @click.pass_obj
    @functools.wraps(command)
    def prepared(root: Root, *arguments: Any, **options: Any) -> Any:
        configure("command")  # to standard error: standard output holds only the result
        settings = read_settings()
        root.prepare(settings)
        return command(root.install(settings), *arguments, **options)

    return prepared
