"""Fifty agents at once while a thousand cases arrive: nobody shares a case, nobody is overfilled, nothing is left."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from bot import services
from bot.errors import Refused
from bot.models import JournalEntry
from bot.transactions import transact
from handoff import presence, tickets
from handoff.assignment import draining, teams
from handoff.models import Ticket
from tests import desk

CASES, GIVEN, TAKING, CAPACITY = 1000, 40, 10, 3
LONGEST = 240.0  # seconds for all of it, on a machine that does other things as well


@pytest.fixture
def shop(tmp_path, postgres):
    with desk.shop(tmp_path, postgres) as shop:
        yield shop


@pytest.fixture
def agents(shop):
    """Those who are given cases, and those who take them by hand."""
    with shop.sessions.begin() as session:
        teams.prepare(session, {"orders": "出貨與物流"})
        users = [desk.staff(session, f"客服{n}", "specialist") for n in range(GIVEN + TAKING)]
        for user in users[:GIVEN]:
            teams.join(session, "orders", user.username, CAPACITY, (), lead=False, standby=False)
    return [user.id for user in users]


class Day:
    """One busy day: everybody goes on until every case is solved."""

    def __init__(self, shop):
        self.shop, self.ends, self.over, self.fullest = shop, time.monotonic() + LONGEST, threading.Event(), Counter()

    def on(self):
        return not self.over.is_set() and time.monotonic() < self.ends

    def arrive(self, count):
        for _ in range(count):
            transact(self.shop.sessions, self._open)

    def _open(self, session):
        handoff = desk.wish_for_a_person(desk.customer(session), team="orders", level=random.choice(["L2", "L3"]))
        services.current().wiring.desk.open(session, handoff)

    def drain(self):
        while self.on():
            draining.look(self.shop)
            time.sleep(0.02)

    def work_off(self, agent):
        """Take up what one was given, and solve it."""
        while self.on():
            presence.seen(self.shop.sessions, agent)
            with self.shop.sessions() as session:
                own = select(Ticket.id).where(Ticket.assignee_id == agent, Ticket.state.in_(("new", "open")))
                mine = session.scalars(own).all()
            self.fullest[agent] = max(self.fullest[agent], len(mine))
            for case in mine:
                self._solve(case, agent)
            if not mine:
                time.sleep(0.2)

    def grab(self, agent):
        """Click at whatever stands in the list, as everybody else does."""
        while self.on():
            with self.shop.sessions() as session:
                free = select(Ticket.id).where(Ticket.assignee_id.is_(None), Ticket.state == "new")
                seen = session.scalars(free.order_by(Ticket.id).limit(5)).all()
            for case in seen[:1]:
                try:
                    self._solve(case, agent)
                except Refused:
                    continue
            time.sleep(0.2)

    def _solve(self, case, agent):
        transact(self.shop.sessions, lambda session: _claim_and_solve(session, case, agent))

    def watch(self):
        with self.shop.sessions() as session:
            solved = select(func.count()).where(Ticket.state == "resolved")
            while self.on() and session.scalar(solved) < CASES:
                session.rollback()
                time.sleep(0.1)
        self.over.set()


def _claim_and_solve(session, case, agent):
    tickets.claim(session, case, agent)
    tickets.resolve(session, case, agent, 0)


def test_fifty_agents_and_a_thousand_cases(shop, agents):
    for agent in agents[:GIVEN]:
        presence.seen(shop.sessions, agent)
    day = Day(shop)
    with ThreadPoolExecutor(60) as hands:
        jobs = [hands.submit(day.arrive, CASES // 4) for _ in range(4)]
        jobs += [hands.submit(day.drain) for _ in range(2)]
        jobs += [hands.submit(day.work_off, agent) for agent in agents[:GIVEN]]
        jobs += [hands.submit(day.grab, agent) for agent in agents[GIVEN:]]
        jobs += [hands.submit(day.watch)]
        for job in jobs:
            job.result(timeout=LONGEST + 60)
    with shop.sessions() as session:
        states = Counter(session.scalars(select(Ticket.state)))
        given = [entry.data["ticket_id"] for entry in _told(session, "ticket.assigned")]
        claimed = [(entry.data["ticket_id"], entry.user_id) for entry in _told(session, "ticket.claimed")]
        owners = Counter(session.scalars(select(Ticket.assignee_id)))
    assert states == {"resolved": CASES}  # no starvation: nothing is left over
    assert max(Counter(given).values()) == 1  # nobody was given what another had
    taken = [case for case, user in claimed if user in agents[GIVEN:]]
    assert sorted(given + taken) == sorted(set(given + taken))
    assert len(given) + len(taken) == CASES
    assert max(day.fullest.values()) <= CAPACITY
    assert all(owners[agent] for agent in agents[:GIVEN])  # and everybody had something to do


def _told(session, kind):
    return session.scalars(select(JournalEntry).where(JournalEntry.kind == kind)).all()
