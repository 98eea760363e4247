"""Programs elsewhere that are told what happens."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from bot.api import SHOWN_ONCE, Page
from handoff.api.shapes.base import OneOf, Strict, example, like
from handoff.models import Delivery, WebhookEndpoint
from handoff.notify.reading import FOR_PROGRAMS

Kind = Annotated[str, OneOf(sorted(FOR_PROGRAMS))]


class Hook(BaseModel):
    """A program elsewhere that is told what happens, until `gone_at`; while paused that waits. No kinds: everything."""

    model_config = like(
        id=1,
        url="https://crm.example/hook",
        kinds=["ticket.opened"],
        created_at="2026-11-22T04:00:00Z",
        paused_at=None,
        gone_at=None,
    )

    id: int
    url: str
    kinds: list[str]
    created_at: datetime
    paused_at: datetime | None
    gone_at: datetime | None

    @classmethod
    def of(cls, endpoint: WebhookEndpoint) -> "Hook":
        return cls(**{name: getattr(endpoint, name) for name in Hook.model_fields})


class Hooks(Page[Hook]):
    """Programs that are or were told, newest first."""


class MadeHook(BaseModel):
    """The program, and the secret that signs what it is told; the secret is shown this once."""

    model_config = like(hook=example(Hook), secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    hook: Hook
    secret: Annotated[str | None, SHOWN_ONCE] = Field(description="null where the call is repeated under its key")


class NewHook(Strict):
    """Where to, and of what; no kinds: of everything."""

    model_config = like(url="https://crm.example/hook", kinds=["ticket.opened", "ticket.resolved"])

    url: Annotated[str, StringConstraints(max_length=1000, pattern=r"^https?://[!-~]+$")]
    kinds: list[Kind] = Field([], max_length=len(FOR_PROGRAMS))


PLAIN = ("id", "state", "attempts", "error", "code", "due_at", "sent_at")


class HookCall(BaseModel):
    """What a program was told; queued, sending, sent, failed or cancelled."""

    model_config = like(
        id=44,
        about="ticket.opened",
        ticket="CS-261122-0001",
        state="failed",
        attempts=9,
        error="the program said 500",
        code=500,
        due_at="2026-11-22T04:00:00Z",
        sent_at=None,
    )

    id: int
    about: str
    ticket: str | None
    state: str
    attempts: int
    error: str
    code: int | None = Field(description="what the last try was answered; null where nobody answered")
    due_at: datetime = Field(description="of a queued one: when it is tried next")
    sent_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> "HookCall":
        notice = delivery.notice
        plain = {name: getattr(delivery, name) for name in PLAIN}
        return cls(about=notice.kind, ticket=notice.ticket.number if notice.ticket else None, **plain)


class HookCalls(Page[HookCall]):
    """What a program was told, newest first."""
