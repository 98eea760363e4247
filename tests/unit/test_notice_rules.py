"""Who is told of what, and by which way: every event of the desk, and the hours and cases in which nothing rings."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.notify.planning import Quiet, Told, plan
from handoff.notify.rules import RULES, People, audience, sort_of, sorts_of
from handoff.notify.words import TITLES

TAIPEI = ZoneInfo("Asia/Taipei")
AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
OWNER, NAMED, FORMER, QUEUE, LEAD, HEAD, STANDBY, DEPARTMENT, SUPERVISOR = range(1, 10)
EVERYBODY = People(
    owner=OWNER,
    named=NAMED,
    former=FORMER,
    queue=frozenset({QUEUE}),
    standby=frozenset({STANDBY}),
    leads=frozenset({LEAD}),
    heads=frozenset({HEAD}),
    department=frozenset({DEPARTMENT}),
    supervisors=frozenset({SUPERVISOR}),
)
NOBODY_HAS_IT = People(queue=frozenset({QUEUE}), leads=frozenset({LEAD}), heads=frozenset({HEAD}))


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("ticket.opened", set()),
        ("ticket.assigned", {NAMED}),
        ("ticket.taken_away", {FORMER}),
        ("ticket.requeued", {LEAD, FORMER}),
        ("ticket.customer_wrote", {OWNER}),
        ("ticket.reopened", {OWNER}),
        ("ticket.department_asked", {DEPARTMENT}),
        ("ticket.department_accepted", {OWNER}),
        ("ticket.department_answered", {OWNER}),
        ("ticket.noted", {OWNER}),
        ("ticket.floor", {NAMED}),
        ("ticket.proposal_refused", {OWNER}),
        ("ticket.proposal_lapsed", {OWNER}),
        ("ticket.parked", {OWNER}),
        ("ticket.unparked", {OWNER}),
        ("ticket.urgent", {LEAD}),
        ("notice.room_down", {SUPERVISOR}),
        ("menu.failed", {SUPERVISOR}),
        ("notice.not_made", {SUPERVISOR}),
        ("ticket.mentioned", {NAMED}),
        ("ticket.undelivered", {OWNER}),
        ("clock.warned", {OWNER}),
        ("clock.nearly", {OWNER}),
        ("clock.breached", {OWNER, LEAD}),
        ("promise.due", {OWNER}),
        ("promise.broken", {OWNER, LEAD}),
        ("invariant.violated", {LEAD, HEAD}),
        ("surge.began", {LEAD, STANDBY}),
        ("surge.ended", {LEAD}),
        ("ticket.escalated", {LEAD}),
    ],
)
def test_every_event_has_its_receivers(kind: str, told: set[int]) -> None:
    assert audience(RULES[kind], EVERYBODY, asked="agent" if kind.startswith("clock.") else "lead") == told


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("ticket.opened", {QUEUE}),
        ("ticket.urgent", {QUEUE, LEAD}),
        ("ticket.customer_wrote", set()),
        ("clock.warned", {LEAD}),
        ("clock.breached", {LEAD}),
        ("ticket.undelivered", {LEAD}),
    ],
)
def test_of_a_case_that_nobody_has_those_are_told_who_can_change_that(kind: str, told: set[int]) -> None:
    assert audience(RULES[kind], NOBODY_HAS_IT) == told


def test_there_are_words_and_a_test_for_every_rule() -> None:
    assert set(RULES) <= set(TITLES)


def test_an_escalation_goes_to_whom_it_names() -> None:
    assert audience(RULES["ticket.escalated"], EVERYBODY, asked="head") == {HEAD}
    assert audience(RULES["clock.nearly"], EVERYBODY, asked="lead") == {OWNER, LEAD}


def test_a_clock_that_runs_out_on_purpose_is_no_breach() -> None:
    assert sort_of("clock.breached", {"clock": "accept"}) not in RULES
    assert sort_of("clock.breached", {"clock": "first"}) == "clock.breached"


@pytest.mark.parametrize(
    ("kind", "data", "level", "sort"),
    [
        ("ticket.opened", {}, "L1", "ticket.urgent"),
        ("ticket.opened", {}, "L2", "ticket.opened"),
        ("ticket.noted", {"department": "倉儲"}, "L1", "ticket.noted"),
        ("ticket.noted", {"department": ""}, "L1", ""),
        ("ticket.floor", {"given": True}, "L2", "ticket.floor"),
        ("ticket.floor", {"given": False}, "L2", ""),
    ],
)
def test_what_nobody_need_hear_has_no_rule(kind: str, data: dict[str, object], level: str, sort: str) -> None:
    assert sort_of(kind, data, level) == sort


@pytest.mark.parametrize(("before", "told"), [(None, 1), (FORMER, 2), (NAMED, 1)])
def test_who_had_the_case_is_told_too_unless_she_has_it_still(before: int | None, told: int) -> None:
    assert len(sorts_of("ticket.assigned", {"from_user": before, "to_user": NAMED})) == told


def test_who_did_it_need_not_be_told() -> None:
    assert audience(RULES["ticket.assigned"], EVERYBODY, doer=NAMED) == set()


def test_a_warning_that_comes_late_is_louder() -> None:
    assert [sort_of("clock.warned", {"percent": share}) for share in (50, 80)] == ["clock.warned", "clock.nearly"]


def test_what_somebody_promised_falls_due_in_words_of_its_own() -> None:
    assert sort_of("clock.warned", {"percent": 80, "clock": "promise"}) == "promise.due"


def test_a_lead_is_backed_by_the_head() -> None:
    assert EVERYBODY.backups(OWNER) == {LEAD}
    assert EVERYBODY.backups(LEAD) == {HEAD}
    assert EVERYBODY.backups(HEAD) == {LEAD}


def test_both_media_of_a_rule_go_out_at_once() -> None:
    plans = plan(RULES["ticket.assigned"], "L2", {"webpush": ("1", "2"), "email": ("a@shop.example",)}, AT)
    assert [(p.medium, p.address) for p in plans] == [("webpush", "1"), ("webpush", "2"), ("email", "a@shop.example")]


def test_who_takes_no_pushes_gets_mail_instead() -> None:
    plans = plan(RULES["ticket.mentioned"], "L2", {"webpush": (), "email": ("a@shop.example",)}, AT)
    assert [p.medium for p in plans] == ["email"]


@pytest.mark.parametrize(
    ("earlier", "state"),
    [
        (Told(1, AT - timedelta(minutes=9)), "collapsed"),
        (Told(1, AT - timedelta(minutes=11)), "queued"),
        (Told(0, AT - timedelta(minutes=1)), "queued"),
        (None, "queued"),
    ],
)
def test_an_unread_notice_speaks_for_what_is_not_louder(earlier: Told | None, state: str) -> None:
    assert [p.state for p in plan(RULES["ticket.mentioned"], "L2", {"email": ("a",)}, AT, None, earlier)] == [state]


@pytest.mark.parametrize(
    ("hours", "at", "rings"),
    [
        ("22:00-08:00", (21, 59), (21, 59)),
        ("22:00-08:00", (22, 0), (8, 0)),
        ("22:00-08:00", (3, 0), (8, 0)),
        ("22:00-08:00", (8, 0), (8, 0)),
        ("12:00-13:30", (12, 30), (13, 30)),
        ("12:00-13:30", (14, 0), (14, 0)),
    ],
)
def test_quiet_hours_end(hours: str, at: tuple[int, int], rings: tuple[int, int]) -> None:
    quiet = Quiet.parse(hours, TAIPEI)
    assert quiet is not None
    end = quiet.end(datetime(2026, 11, 21, *at, tzinfo=TAIPEI))
    assert (end.hour, end.minute) == rings


def test_an_urgent_case_rings_in_quiet_hours() -> None:
    quiet = Quiet.parse("00:00-23:59", TAIPEI)
    assert [p.due_at > AT for p in plan(RULES["ticket.mentioned"], "L2", {"email": ("a",)}, AT, quiet)] == [True]
    assert [p.due_at for p in plan(RULES["ticket.mentioned"], "L1", {"email": ("a",)}, AT, quiet)] == [AT]


MINUTES = st.times().map(lambda moment: moment.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(MINUTES, MINUTES, MOMENTS)
def test_it_rings_at_the_latest_a_day_later_and_never_in_quiet_hours(begins: time, ends: time, at: datetime) -> None:
    quiet = Quiet(begins, ends, TAIPEI)
    end = quiet.end(at)
    assert at <= end <= at + timedelta(days=1)
    assert begins == ends or quiet.end(end) == end
