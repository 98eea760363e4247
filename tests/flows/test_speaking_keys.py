"""A key stands for one call: nothing counts as said because something else went out under the same key."""

from datetime import timedelta

import time_machine
from sqlalchemy import select, update

from bot import clock, outbox
from bot.models import Conversation, JournalEntry, OutboxRow
from bot.outbox.claims import LOOK_AHEAD
from bot.services import Services
from tests.builders import Customer
from tests.fakes import HANG_UP, FakeLine
from tests.speaking import Work, a_call_begins, calls, meets, says, states, under_way

REFUSED = (400, {"message": "The property, 'text', is invalid"})


def resend(current: Services, *row_ids: int) -> None:
    with current.sessions.begin() as session:
        outbox.resend(session, row_ids)


def owned_by(current: Services, owner: str) -> None:
    with current.sessions.begin() as session:
        session.scalars(select(Conversation)).one().owner = owner


def pushed_without_a_trace(current: Services, line: FakeLine, *texts: str) -> None:
    """One push with all of them, which never arrived; nobody knows, and they rest for staff."""
    says(current, *texts)
    line.troubles.append(HANG_UP)
    outbox.deliver(1)
    with current.sessions.begin() as session:
        session.execute(update(OutboxRow).where(OutboxRow.state == "queued").values(state="unknown"))


def safe_to_repeat(current: Services) -> set[int]:
    with current.sessions() as session:
        return outbox.repeatable(session, session.scalars(select(OutboxRow)).all())


def test_of_two_that_went_out_together_each_is_said_although_staff_send_one_while_the_other_is_under_way(
    current: Services, line: FakeLine, work: Work
) -> None:
    meets(current)
    pushed_without_a_trace(current, line, "一", "二")
    resend(current, 1)
    first = a_call_begins(current)
    resend(current, 2)
    outbox.send(current, first)
    work()
    assert line.said == ["一", "二"]
    assert states(current) == ["sent", "sent"]


def test_those_that_went_out_together_keep_their_key_when_staff_send_them_together(
    current: Services, line: FakeLine
) -> None:
    meets(current)
    pushed_without_a_trace(current, line, "一", "二")
    resend(current, 1, 2)
    outbox.deliver(1)
    assert len({call.retry_key for call in line.sends()}) == 1
    assert calls(line) == [("push", 2), ("push", 2)]
    assert line.said == ["一", "二"]


def test_those_that_went_out_together_go_together_although_another_has_come_between(
    current: Services, line: FakeLine
) -> None:
    meets(current)
    says(current, "一", "二")
    with current.sessions.begin() as session:  # it was given up before
        session.execute(update(OutboxRow).where(OutboxRow.id == 2).values(state="failed"))
    pushed_without_a_trace(current, line, "三")
    assert calls(line) == [("push", 2)]
    resend(current, 1, 2, 3)
    outbox.deliver(1)
    assert line.said == ["一", "三", "二"]
    assert states(current) == ["sent"] * 3


def test_the_desk_promises_that_a_repeat_is_harmless_only_where_one_went_out_alone(
    current: Services, line: FakeLine
) -> None:
    meets(current)
    pushed_without_a_trace(current, line, "一", "二")
    assert safe_to_repeat(current) == set()
    pushed_without_a_trace(current, line, "三")
    assert safe_to_repeat(current) == {3}


def test_who_stays_behind_when_its_company_goes_on_is_not_taken_for_said(current: Services, line: FakeLine) -> None:
    meets(current)
    line.troubles.append(HANG_UP)
    says(current, "一", speaker="bot", name="小幫手")
    says(current, "二")
    with time_machine.travel(clock.now(), tick=False) as time:
        outbox.deliver(1)
        owned_by(current, "human")
        time.shift(timedelta(seconds=2))
        line.lost_answers = 1
        outbox.deliver(1)
        assert line.said == ["二"]
        with current.sessions.begin() as session:
            session.execute(update(OutboxRow).values(state="unknown"))
        resend(current, 1, 2)
        outbox.deliver(1)
    assert "一" in line.said


def test_a_sender_that_froze_tells_nothing_about_what_staff_have_sent_again(current: Services, line: FakeLine) -> None:
    meets(current)
    says(current, "一", speaker="bot", name="小幫手")
    with time_machine.travel(clock.now(), tick=False) as time:
        frozen = a_call_begins(current)
        time.shift(timedelta(seconds=12))
        owned_by(current, "human")
        outbox.deliver(1)
        assert states(current) == ["unknown"]
        resend(current, 1)
        again = a_call_begins(current)
        line.troubles.append(REFUSED)
        outbox.send(current, under_way(frozen))
        assert states(current) == ["sending"]
        outbox.send(current, again)
    assert line.said == ["一"]
    assert states(current) == ["sent"]


def test_news_that_a_message_arrived_counts_although_it_was_given_up(current: Services, line: FakeLine) -> None:
    meets(current)
    says(current, "一")
    slow = a_call_begins(current)
    with current.sessions.begin() as session:
        session.scalars(select(OutboxRow)).one().state = "failed"
    outbox.send(current, slow)
    assert states(current) == ["sent"]


def test_a_call_under_way_is_seen_behind_however_many_that_wait(current: Services, line: FakeLine) -> None:
    meets(current)
    many = LOOK_AHEAD + 1
    says(current, *map(str, range(many)), "最後")
    with current.sessions.begin() as session:
        session.execute(update(OutboxRow).where(OutboxRow.id <= many).values(state="failed"))
    a_call_begins(current)
    resend(current, *range(1, many + 1))
    outbox.deliver(1)
    assert line.sends() == []
    assert states(current) == ["queued"] * many + ["sending"]


def test_staff_see_what_they_wrote_to_a_customer_who_has_blocked_us_meanwhile(
    current: Services, line: FakeLine, chen: Customer, work: Work
) -> None:
    chen.writes("運費怎麼算?")
    work()
    line.troubles.append(HANG_UP)
    with time_machine.travel(clock.now(), tick=False) as time:
        says(current, "一")
        outbox.deliver(1)
        says(current, "二")
        chen.does("unfollow")
        work()
        time.shift(timedelta(minutes=2))
        work()
    assert states(current)[1:] == ["unknown", "failed"]
    with current.sessions() as session:
        kinds = session.scalars(select(JournalEntry.kind)).all()
    assert {"message.unknown", "message.failed"} <= set(kinds)
