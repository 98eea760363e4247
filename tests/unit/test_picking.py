"""Who gets a case: a table of situations."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from handoff.assignment.picking import Agent, Waiting, in_order, pick

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LIU, WANG, LIN, CHOU = 1, 2, 3, 4


def case(**changes):
    facts = {"id": 1, "team": "orders", "category": "order_status", "level": "L2", "due": NOON, "opened": NOON}
    return Waiting(**(facts | changes))


def agent(id_, **changes):
    return Agent(**({"id": id_, "team": "orders", "capacity": 5} | changes))


SITUATIONS = {
    "nobody is there": (case(), [], None),
    "one is there": (case(), [agent(LIU)], LIU),
    "away": (case(), [agent(LIU, online=False)], None),
    "off shift": (case(), [agent(LIU, on_shift=False)], None),
    "on leave, console left open": (case(), [agent(LIU, on_leave=True)], None),
    "full": (case(), [agent(LIU, load=5)], None),
    "capacity of zero": (case(), [agent(LIU, capacity=0)], None),
    "another team's": (case(), [agent(LIU, team="billing")], None),
    "another skill": (case(), [agent(LIU, skills=frozenset({"exchange"}))], None),
    "the right skill": (case(), [agent(LIU, skills=frozenset({"exchange", "order_status"}))], LIU),
    "the one with more room": (case(), [agent(LIU, load=2), agent(WANG, load=1)], WANG),
    "room is a share": (case(), [agent(LIU, load=2, capacity=10), agent(WANG, load=1, capacity=3)], LIU),
    "who waited longest": (
        case(),
        [agent(LIU, assigned=NOON), agent(WANG, assigned=NOON - timedelta(minutes=5))],
        WANG,
    ),
    "who never had one": (case(), [agent(LIU, assigned=NOON), agent(WANG)], WANG),
    "knows the customer": (case(known_to=LIU), [agent(LIU, load=4), agent(WANG)], LIU),
    "knows the customer, but is full": (case(known_to=LIU), [agent(LIU, load=5), agent(WANG)], WANG),
    "knows the customer, but is away": (case(known_to=LIU), [agent(LIU, online=False), agent(WANG)], WANG),
    "let it lie": (case(not_for=frozenset({LIU})), [agent(LIU), agent(WANG, load=4)], WANG),
    "all let it lie": (case(not_for=frozenset({LIU})), [agent(LIU)], None),
    "a reserve, since the team is full": (case(), [agent(LIU, load=5), agent(CHOU, reserve=True)], CHOU),
    "no reserve while the team has room": (case(), [agent(LIU, load=4), agent(CHOU, reserve=True)], LIU),
    "urgent: the senior before the colleague with room": (
        case(level="L1"),
        [agent(LIU), agent(LIN, senior=True, load=4)],
        LIN,
    ),
    "urgent: even a full senior": (case(level="L1"), [agent(LIU), agent(LIN, senior=True, load=5)], LIN),
    "urgent: a senior with room before a full one": (
        case(level="L1"),
        [agent(LIN, senior=True, load=5), agent(CHOU, senior=True, load=4)],
        CHOU,
    ),
    "urgent: a supervisor of another team": (
        case(level="L1"),
        [agent(LIU), agent(LIN, team="care", senior=True, supervisor=True)],
        LIN,
    ),
    "urgent: not another team's senior agent": (case(level="L1"), [agent(LIN, team="care", senior=True)], None),
    "urgent: nobody senior is there, so anybody": (case(level="L1"), [agent(LIU)], LIU),
    "urgent: never to one on leave": (case(level="L1"), [agent(LIN, senior=True, on_leave=True)], None),
    "not urgent: seniors are not overfilled": (case(), [agent(LIN, senior=True, load=5)], None),
}


@pytest.mark.parametrize(("waiting", "agents", "chosen"), SITUATIONS.values(), ids=SITUATIONS.keys())
def test_who_gets_it(waiting, agents, chosen):
    choice = pick(waiting, agents)
    assert (choice.agent.id if choice else None) == chosen


def test_the_choice_says_why():
    assert pick(case(known_to=LIU), [agent(LIU)]).why == "knows_the_customer"
    assert pick(case(), [agent(LIU)]).why == "most_room"
    urgent = pick(case(level="L1"), [agent(LIN, senior=True, load=5)])
    assert (urgent.why, urgent.beyond_capacity) == ("urgent", True)


def test_the_queue_goes_by_level_then_due_time_then_age():
    ordered = [
        case(id=1, level="L1", due=NOON + timedelta(hours=9)),
        case(id=2, due=NOON, opened=NOON - timedelta(hours=1)),
        case(id=3, due=NOON),
        case(id=4, due=NOON + timedelta(minutes=1)),
        case(id=5, level="L3", due=NOON - timedelta(hours=1)),
    ]
    shuffled = random.Random(7).sample(ordered, len(ordered))
    assert [waiting.id for waiting in in_order(shuffled)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("seed", range(50))
def test_whoever_stands_where_in_the_list_the_choice_is_the_same(seed):
    chance = random.Random(seed)
    agents = [agent(n, load=chance.randrange(6), senior=chance.random() < 0.3) for n in range(8)]
    waiting = case(level=chance.choice(["L1", "L2"]), known_to=chance.randrange(8))
    choices = {pick(waiting, chance.sample(agents, 8)) for _ in range(10)}
    assert len(choices) == 1
