"""Whatever LINE and our own processes do: in order, once, and nothing missing without a word."""

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot import clock, conversations, outbox, services
from bot.channels.line import Line
from bot.errors import (
    PermanentSendError,
    QuotaReached,
    ReplyTokenRefused,
    SendError,
    TemporarySendError,
    UnknownOutcome,
)
from bot.models import Conversation, OutboxRow
from bot.ports import Parcel, Quota
from bot.services import Services
from tests.desk import shop
from tests.speaking import has_a_free_reply, meets, says

MOODS = (
    "well",
    "away",
    "lost on the way",
    "lost on the way back",
    "refuses",
    "no quota",
    "forgot the token",
    "killed before the call",
    "killed after the call",
)
WAITS = (1, 5, 30, 90, 1200)
Step = tuple[str, int]


class Killed(BaseException):
    """The sender's process ends here; nothing of it goes on."""


@dataclass(frozen=True)
class Moody(Line):
    """A LINE that knows what truly arrived, and is in one mood after the other, a call each."""

    moods: list[str] = field(default_factory=list)
    seen: set[str | None] = field(default_factory=set)
    arrived: list[str] = field(default_factory=list)

    def send(self, parcel: Parcel) -> list[str]:
        mood = self.moods.pop(0) if self.moods else "well"
        once = parcel.reply_token or parcel.key
        if mood == "killed before the call":
            raise Killed
        if mood == "away":
            raise TemporarySendError("no connection")
        if mood == "lost on the way":
            raise UnknownOutcome("no answer")
        if once in self.seen:
            return self._again(parcel)
        if error := _refusal(mood, parcel):
            raise error
        self.seen.add(once)
        self.arrived.extend(said.message.text for said in parcel.messages)
        if mood == "lost on the way back":
            raise UnknownOutcome("no answer")
        if mood == "killed after the call":
            raise Killed
        return []

    def _again(self, parcel: Parcel) -> list[str]:
        if parcel.reply_token:
            raise ReplyTokenRefused("used")
        return []

    def quota(self, account: str) -> Quota:
        return Quota(None, 0)


def _refusal(mood: str, parcel: Parcel) -> SendError | None:
    if mood == "refuses":
        return PermanentSendError("no")
    if mood == "no quota" and not parcel.reply_token:
        return QuotaReached("none left")
    if mood == "forgot the token" and parcel.reply_token:
        return ReplyTokenRefused("too late")
    return None


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory, postgres: str | None) -> Iterator[Services]:
    folder: Path = tmp_path_factory.mktemp("anything")
    with shop(folder, postgres) as made:
        yield made


steps = st.one_of(
    st.tuples(st.sampled_from(("bot", "agent")), st.integers(1, 3)),
    st.tuples(st.just("customer writes"), st.just(0)),
    st.tuples(st.just("time passes"), st.sampled_from(WAITS)),
    st.tuples(st.sampled_from(("a person takes over", "the bot is back")), st.just(0)),
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(story=st.lists(steps, min_size=1, max_size=12), moods=st.lists(st.sampled_from(MOODS), max_size=12))
def test_all_that_is_said_arrives_once_and_in_order_or_staff_see_that_it_did_not(
    current: Services, story: list[Step], moods: list[str]
) -> None:
    line = Moody(("",), "", "", moods=list(moods))
    running = services.install(replace(current, wiring=replace(current.wiring, channels={"line": line})))
    with time_machine.travel(clock.now(), tick=False) as time:
        conversation = meets(running, uuid.uuid4().hex)
        written = [text for step in story for text in happens(running, conversation, step, time)]
        line.moods.clear()
        calms_down(running, conversation, time)
    fate = states(running, conversation)
    assert list(fate) == written
    assert line.arrived == [text for text in written if text in line.arrived], "in order, and nothing twice"
    for text, state in fate.items():
        assert state in (("sent", "unknown") if text in line.arrived else ("unknown", "failed", "cancelled"))


def happens(running: Services, conversation: int, step: Step, time: time_machine.Traveller) -> list[str]:
    """One step of the story; what was said in it."""
    what, number = step
    texts = [uuid.uuid4().hex for _ in range(number)] if what in ("bot", "agent") else []
    match what:
        case "bot" | "agent":
            says(running, *texts, speaker="bot" if what == "bot" else "agent", to=conversation)
        case "customer writes":
            has_a_free_reply(running, uuid.uuid4().hex, conversation)
        case "time passes":
            time.shift(timedelta(seconds=number))
        case "a person takes over" | "the bot is back":
            with running.sessions.begin() as session:
                owner = "human" if what == "a person takes over" else "bot"
                conversations.locked(session, conversation).owner = owner
    delivers(running, conversation)
    return texts


def delivers(running: Services, conversation: int) -> None:
    with contextlib.suppress(Killed):  # another process takes over when the call's time is over
        outbox.deliver(conversation)


def calms_down(running: Services, conversation: int, time: time_machine.Traveller) -> None:
    """LINE is well again: after a while nothing waits."""
    for _ in range(6):
        time.shift(timedelta(seconds=61))
        with running.sessions() as session:
            account = session.scalars(select(Conversation.account_id).where(Conversation.id == conversation)).one()
        outbox.read_quota(account)
        delivers(running, conversation)


def states(running: Services, conversation: int) -> dict[str, str]:
    with running.sessions() as session:
        rows = select(OutboxRow).where(OutboxRow.conversation_id == conversation).order_by(OutboxRow.id)
        return {row.body["text"]: row.state for row in session.scalars(rows)}
