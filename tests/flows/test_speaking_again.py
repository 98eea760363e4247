"""Staff decide about messages that came to rest: again, or it did arrive."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from bot import clock, outbox
from bot.errors import Refused
from bot.models import Conversation, JournalEntry, OutboxRow
from bot.services import Services
from tests.builders import Frontline
from tests.fakes import FakeLine
from tests.speaking import Work, calls, has_a_free_reply, meets, says, states

REFUSED = (400, {"message": "The property, 'text', is invalid"})
REFUSED_TOKEN = (400, {"message": "Invalid reply token"})


def a_dead_letter(current: Services, line: FakeLine, text: str = "一", to: int = 1) -> None:
    line.troubles.append(REFUSED)
    says(current, text, to=to)
    outbox.deliver(to)


def a_doubtful_reply(current: Services, line: FakeLine) -> None:
    """It arrived, but LINE's answer was lost, and its token tells nothing more."""
    line.lost_answers = 1
    has_a_free_reply(current)
    says(current, "一", speaker="bot", name="小幫手")
    outbox.deliver(1)
    with time_machine.travel(clock.after(5)):
        outbox.deliver(1)
    assert states(current) == ["unknown"]


def resend(current: Services, *row_ids: int) -> int:
    with current.sessions.begin() as session:
        return outbox.resend(session, row_ids)


def test_a_dead_letter_is_sent_again_under_a_new_key(current: Services, line: FakeLine, work: Work) -> None:
    meets(current)
    a_dead_letter(current, line)
    assert resend(current, 1) == 1
    work()
    first, second = line.sends()
    assert first.retry_key != second.retry_key
    assert states(current) == ["sent"]
    with current.sessions() as session:
        assert session.scalars(select(JournalEntry).where(JournalEntry.kind == "message.resent")).one().message_id == 1


def test_dead_letters_go_together_in_their_old_order(current: Services, line: FakeLine, work: Work) -> None:
    chen, huang = meets(current, "Uchen"), meets(current, "Uhuang")
    for text, to in (("一", chen), ("二", huang), ("三", chen)):
        a_dead_letter(current, line, text, to)
    assert resend(current, 1, 2, 3) == 3
    work()
    assert sorted(line.said) == ["一", "三", "二"]
    assert line.said.index("一") < line.said.index("三")


def test_a_push_of_unknown_outcome_is_sent_again_under_its_own_key_so_that_it_cannot_arrive_twice(
    current: Services, line: FakeLine, work: Work
) -> None:
    meets(current)
    line.lost_answers = 1
    says(current, "一")
    outbox.deliver(1)
    with current.sessions.begin() as session:
        session.scalars(select(OutboxRow)).one().state = "unknown"
    resend(current, 1)
    work()
    assert len({call.retry_key for call in line.sends()}) == 1
    assert line.said == ["一"]
    assert states(current) == ["sent"]


def test_a_key_that_line_has_forgotten_is_not_used_again(current: Services, line: FakeLine) -> None:
    meets(current)
    line.lost_answers = 1
    says(current, "一")
    with time_machine.travel(clock.now(), tick=False) as time:
        outbox.deliver(1)
        time.shift(timedelta(hours=24))
        outbox.deliver(1)
        assert states(current) == ["unknown"]
        resend(current, 1)
        outbox.deliver(1)
    assert len({call.retry_key for call in line.sends()}) == 2
    assert states(current) == ["sent"]


def test_a_key_that_served_for_others_is_not_used_again(current: Services, line: FakeLine) -> None:
    meets(current)
    line.troubles.append((500, {}))
    says(current, "一", speaker="bot", name="小幫手")
    says(current, "二")
    with time_machine.travel(clock.now(), tick=False) as time:
        outbox.deliver(1)
        with current.sessions.begin() as session:
            session.scalars(select(Conversation)).one().owner = "human"
        time.shift(timedelta(seconds=2))
        outbox.deliver(1)
    assert states(current) == ["unknown", "sent"]
    resend(current, 1)
    outbox.deliver(1)
    assert line.said == ["二", "一"]


def test_a_reply_of_unknown_outcome_is_pushed_when_a_person_says_so(current: Services, line: FakeLine) -> None:
    meets(current)
    a_doubtful_reply(current, line)
    resend(current, 1)
    outbox.deliver(1)
    assert [how for how, _ in calls(line)] == ["reply", "reply", "push"]
    assert states(current) == ["sent"]


def test_what_a_person_has_sent_again_is_not_cancelled_because_a_person_owns_the_conversation(
    current: Services, line: FakeLine
) -> None:
    meets(current)
    a_doubtful_reply(current, line)
    with current.sessions.begin() as session:
        session.scalars(select(Conversation)).one().owner = "human"
    resend(current, 1)
    outbox.deliver(1)
    assert states(current) == ["sent"]


def test_a_message_that_a_person_saw_arrive_is_settled(current: Services, line: FakeLine) -> None:
    meets(current)
    a_doubtful_reply(current, line)
    with current.sessions.begin() as session:
        outbox.settle(session, 1)
    assert states(current) == ["sent"]
    with current.sessions() as session:
        assert session.scalars(select(JournalEntry).where(JournalEntry.kind == "message.settled")).one()


@pytest.mark.parametrize("act", [outbox.settle, lambda session, row: outbox.resend(session, [row])])
@pytest.mark.parametrize("row", [1, 99])
def test_what_is_on_its_way_or_nowhere_is_left_alone(current: Services, act: Callable[..., object], row: int) -> None:
    meets(current)
    says(current, "一")
    with pytest.raises(Refused), current.sessions.begin() as session:
        act(session, row)
    assert states(current) == ["queued"]


def test_an_operator_lists_dead_letters_and_sends_them_again(
    frontline: Frontline, current: Services, line: FakeLine, work: Work
) -> None:
    meets(current)
    a_dead_letter(current, line)
    (row,) = json.loads(frontline("outbox", "list", "--state", "failed", "--json").stdout)
    assert (row["id"], row["state"], row["via"], row["attempts"]) == (1, "failed", "push", 1)
    assert "一" not in frontline("outbox", "list").output
    assert "1 messages" in frontline("outbox", "resend", "--failed").stdout
    work()
    assert states(current) == ["sent"]
    assert json.loads(frontline("outbox", "list", "--json").stdout) == []


def test_an_operator_sends_all_dead_letters_again_customer_by_customer(
    frontline: Frontline, current: Services, line: FakeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen, huang = meets(current, "Uchen"), meets(current, "Uhuang")
    a_dead_letter(current, line, "一", chen)
    a_dead_letter(current, line, "二", huang)
    resend_of = outbox.resend
    monkeypatch.setattr(outbox, "resend", lambda session, rows: resend_of(session, rows) if 1 in rows else 1 / 0)
    assert frontline("outbox", "resend", "--failed").exit_code == 1
    assert states(current) == ["queued", "failed"]


def test_an_operators_list_has_an_end(frontline: Frontline, current: Services) -> None:
    meets(current)
    says(current, *map(str, range(101)))
    assert len(json.loads(frontline("outbox", "list", "--json").stdout)) == 100
    assert len(frontline("outbox", "list", "--limit", "3").stdout.splitlines()) == 3


def test_an_operator_settles_what_a_colleague_saw_arrive(
    frontline: Frontline, current: Services, line: FakeLine
) -> None:
    meets(current)
    a_doubtful_reply(current, line)
    assert frontline("outbox", "settle", "1").exit_code == 0
    assert states(current) == ["sent"]
    assert "another state" in frontline("outbox", "settle", "1").output


def test_an_operator_lets_go_what_nobody_needs_any_more(
    frontline: Frontline, current: Services, line: FakeLine, work: Work
) -> None:
    meets(current)
    a_dead_letter(current, line)
    assert frontline("outbox", "let-go", "1").exit_code == 0
    work()
    assert states(current) == ["cancelled"]
    assert json.loads(frontline("outbox", "list", "--json").stdout) == []
    assert "another state" in frontline("outbox", "let-go", "1").output


@pytest.mark.parametrize("words", [(), ("1", "--failed")])
def test_an_operator_who_does_not_say_which_is_asked(frontline: Frontline, words: tuple[str, ...]) -> None:
    assert frontline("outbox", "resend", *words).exit_code == 2


def test_an_operator_asks_for_the_quota(frontline: Frontline, current: Services, line: FakeLine) -> None:
    meets(current)
    line.quota, line.pushed = 200, 20
    (gauge,) = json.loads(frontline("outbox", "quota", "--json").stdout)
    assert (gauge["limit"], gauge["used"], gauge["paused_until"]) == (200, 20, None)
    assert "20 of 200" in frontline("outbox", "quota").stdout
