"""A shop with people at their consoles, as time passes: customers come in by the webhook, staff by the pages, and the
ticker's jobs and the workers do the rest. Nobody calls the desk from the side.
"""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import sweeper
from bot.models import JournalEntry
from bot.services import Services
from handoff.models import Ticket
from handoff.notify import lanes
from tests.builders import Frontline
from tests.console import signed_in, words

MINUTE = timedelta(minutes=1)


@dataclass
class Colleague:
    """Somebody of the staff, who does what the pages offer."""

    client: FlaskClient
    name: str

    def opens(self, page: str = "") -> str:
        """What a page of the console says to her."""
        answer = self.client.get(f"/console{page}")
        assert answer.status_code == 200
        return words(answer)

    def does(self, case: str, action: str, **form: Any) -> None:
        """A button of a case, with the newest message on the screen."""
        shown = self.client.get(f"/console/cases/{case}").get_data(as_text=True)
        seen = re.search(r'name="seen" value="(\d+)"', shown)
        form = {"seen": seen[1] if seen else "0", "key": f"{action}-{case}-{time.perf_counter_ns()}"} | form
        answer = self.client.post(f"/console/cases/{case}/{action}", data=form)
        assert answer.status_code == 302, words(answer)

    def sends(self, page: str, **form: Any) -> str:
        answer = self.client.post(f"/console{page}", data=form, follow_redirects=True)
        assert answer.status_code == 200, words(answer)
        return words(answer)


@dataclass
class StaffedShop:
    """The shop, by the clock that the story sets."""

    app: Flask
    current: Services
    work: Callable[[], None]
    time: time_machine.Traveller
    types: Frontline
    at_the_console: list[Colleague] = field(default_factory=list)

    def hires(self, name: str, role: str, *teams: str, **terms: str) -> Colleague:
        """An account, and the teams whose cases it takes, as an admin arranges them."""
        colleague = Colleague(signed_in(self.app, self.current, name, role), name)
        options = [word for term, value in terms.items() for word in (f"--{term}", value) if word]
        for team in teams:
            self.operator("team", "member", team, name, *options)
        return colleague

    def operator(self, *typed: str) -> str:
        done = self.types(*typed)
        assert done.exit_code == 0, done.output
        return done.stdout

    def comes(self, *colleagues: Colleague) -> None:
        """Their consoles are open from now on."""
        self.at_the_console += colleagues
        self.round()

    def round(self) -> None:
        """Open consoles say that they are; the workers do what waits; each job of the ticker has its turn, and once
        more, since some look at what others did.
        """
        for colleague in self.at_the_console:
            colleague.opens("/list")
        self.work()
        for _ in range(2):
            for _, job in sweeper._jobs:
                job(self.current)
            self.work()
        ends = time.perf_counter() + 15  # the wall clock stands still
        while lanes.at_work():
            assert time.perf_counter() < ends, "a notice is still under way"
            threading.Event().wait(0.01)

    def passes(self, span: timedelta, step: timedelta = MINUTE) -> None:
        """Time goes by, and the ticker looks at each step."""
        ends = self.now + span
        while self.now < ends:
            self.time.shift(min(step, ends - self.now))
            self.round()

    def is_at(self, moment: datetime) -> None:
        self.time.move_to(moment)
        self.round()

    @property
    def now(self) -> datetime:
        return datetime.now().astimezone()

    def case(self, number: str = "") -> Ticket:
        """A case, with whoever has it; the newest where none is named."""
        wanted = select(Ticket).order_by(Ticket.id.desc()).limit(1)
        with self.current.sessions() as session:
            ticket = session.scalars(wanted.where(Ticket.number == number) if number else wanted).one()
            assert ticket.assignee is None or ticket.assignee.name
            return ticket

    def owner(self, number: str) -> str:
        assignee = self.case(number).assignee
        return assignee.name if assignee else ""

    def journal(self, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
        with self.current.sessions() as session:
            entries = select(JournalEntry).where(JournalEntry.kind.in_(kinds)).order_by(JournalEntry.id)
            return [(entry.kind, entry.data) for entry in session.scalars(entries)]

    def told(self, name: str) -> list[str]:
        """What somebody was told of, as whoever audits reads it, oldest first."""
        return [row["about"] for row in self.notices(name)]

    def notices(self, name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.operator("notices", "list", "--json", "--user", name))
        return rows[::-1]
