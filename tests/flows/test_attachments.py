"""A customer sends a photo: it is on the agent's screen moments later, and nothing that it might be does harm."""

import errno
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import attachments, clock, services, sweeper
from bot.attachments import Store, fetching, rows
from bot.models import Attachment, Message
from bot.services import Services
from handoff.models import Ticket
from tests.builders import Customer, file_event
from tests.console import signed_in, words
from tests.fakes import HANG_UP, Answer, FakeLine
from tests.pictures import FILM, PAPER, PROGRAM, WORDS, flood, picture
from tests.working import do_all

pytestmark = pytest.mark.by_hand
Work = Callable[[], None]
PHOTO = picture()


@pytest.fixture
def time() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(clock.now(), tick=False) as time:
        yield time


@pytest.fixture
def wang(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "fang", "agent")


def sends(customer: Customer, line: FakeLine, *answers: Answer, kind: str = "image", **fields: object) -> str:
    """The customer sends a file, about which LINE answers these in turn; the message's id at LINE."""
    made = file_event(customer.id, kind, **fields)
    line.holds(made["message"]["id"], *answers)
    assert customer.post(made) == 200
    return str(made["message"]["id"])


def row(current: Services) -> Attachment:
    with current.sessions() as session:
        return session.scalars(select(Attachment)).one()


def thread(member: FlaskClient, current: Services) -> str:
    """What an agent sees of the only conversation."""
    return member.get(f"/console/conversations/{row(current).conversation_id}").get_data(as_text=True)


def addresses(page: str) -> list[str]:
    """Of every file on a page: the whole one and the small copy of a picture."""
    return re.findall(r'(?:href|src)="(/files/[^"]+)"', page)


def kept(current: Services) -> list[str]:
    return list(attachments.store(current.settings).names())


def limited(current: Services, megabytes: int) -> Services:
    """The same shop, which keeps smaller files."""
    settings = current.settings.model_copy(update={"attachment_mb": megabytes})
    return services.install(replace(current, settings=settings))


def test_a_photo_is_on_the_agents_screen(
    chen: Customer, line: FakeLine, work: Work, wang: FlaskClient, current: Services, app: Flask
) -> None:
    sends(chen, line, (200, PHOTO))
    work()
    whole, small = addresses(thread(wang, current))
    stranger = app.test_client()  # no session: the address alone lets her in
    assert stranger.get(whole).data == PHOTO
    assert stranger.get(small).data.startswith(b"\xff\xd8\xff")
    assert 'width="280" height="210"' in thread(wang, current)


def test_a_file_acts_in_nobodys_name(
    chen: Customer, line: FakeLine, work: Work, wang: FlaskClient, current: Services
) -> None:
    sends(chen, line, (200, PHOTO))
    work()
    for address in addresses(thread(wang, current)):
        answer = wang.get(address)
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
        assert answer.headers["Content-Disposition"].startswith("inline")
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_film_is_played_from_its_middle(
    chen: Customer, line: FakeLine, work: Work, wang: FlaskClient, current: Services
) -> None:
    sends(chen, line, (200, FILM), kind="video", duration=1000)
    work()
    [address] = addresses(thread(wang, current))
    part = wang.get(address, headers={"Range": "bytes=4-11"})
    assert (part.status_code, part.data, part.mimetype) == (206, FILM[4:12], "video/mp4")
    assert part.headers["Content-Range"] == f"bytes 4-11/{len(FILM)}"


@pytest.mark.parametrize(("content", "name"), [(PAPER, "收據.pdf"), (WORDS, "photo.jpg"), (WORDS, "../../etc/passwd")])
def test_what_is_no_picture_is_downloaded_under_its_name_and_never_shown(
    content: bytes, name: str, chen: Customer, line: FakeLine, work: Work, wang: FlaskClient, current: Services
) -> None:
    sends(chen, line, (200, content), kind="file", fileName=name, fileSize=len(content))
    work()
    [address] = addresses(thread(wang, current))
    answer = wang.get(address)
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == ("application/pdf" if content is PAPER else "application/octet-stream")
    assert ".." not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("content", "reason", "told"), [(PROGRAM, "program", "這是程式檔"), (flood(), "pixels", "圖片尺寸異常")]
)
def test_a_program_called_a_photo_and_a_flood_of_pixels_are_not_kept(
    content: bytes,
    reason: str,
    told: str,
    chen: Customer,
    line: FakeLine,
    work: Work,
    wang: FlaskClient,
    current: Services,
) -> None:
    sends(chen, line, (200, content), fileName="photo.jpg")
    work()
    assert (row(current).state, row(current).reason) == ("refused", reason)
    assert kept(current) == []
    assert told in thread(wang, current)


def test_a_file_that_is_too_large_is_left_where_it_is(
    chen: Customer, line: FakeLine, current: Services, work: Work, wang: FlaskClient
) -> None:
    small = limited(current, 1)
    sends(chen, line, (200, bytes(1_000_001)), kind="video")
    do_all(small)
    assert (row(current).state, row(current).reason) == ("refused", "too_large")
    assert kept(current) == []
    assert "檔案太大" in thread(wang, current)


def test_while_line_prepares_a_film_the_agent_is_told_and_then_sees_it(
    chen: Customer, line: FakeLine, work: Work, wang: FlaskClient, current: Services, time: time_machine.Traveller
) -> None:
    sends(chen, line, (202, {}), (202, {}), (200, FILM), kind="video")
    work()
    assert "平台還在準備這個檔案" in thread(wang, current)
    for _ in range(2):
        time.shift(timedelta(seconds=11))
        work()
    assert row(current).state == "stored"
    assert len(addresses(thread(wang, current))) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_what_line_does_not_have_any_more_is_not_asked_for_again(
    status: int, chen: Customer, line: FakeLine, work: Work, wang: FlaskClient, current: Services
) -> None:
    sends(chen, line, (status, {}))
    work()
    assert (row(current).state, row(current).reason) == ("refused", "gone")
    assert "平台上已經沒有這個檔案" in thread(wang, current)


def test_a_photo_that_cannot_be_had_for_hours_waits_for_a_person_who_has_it_tried_again(
    chen: Customer, line: FakeLine, work: Work, current: Services, app: Flask, time: time_machine.Traveller
) -> None:
    chen.writes("我要找真人")
    message = sends(chen, line, (500, {}), HANG_UP, (429, {}), (500, {}))
    work()
    for _ in range(len(rows.PAUSES) + 1):
        time.shift(timedelta(hours=1, seconds=11))
        work()
    assert (row(current).state, row(current).reason) == ("failed", "away")
    line.holds(message, (200, PHOTO))
    lead, case = signed_in(app, current, "lead", "supervisor"), f"/console/cases/{case_number(current)}"
    page = lead.get(case)
    assert "平台一直沒有回應" in words(page)
    again = f"{case}/attachments/{row(current).id}/fetch"
    assert again in page.get_data(as_text=True)
    assert lead.post(again, headers={"HX-Request": "true"}).status_code == 200
    assert lead.post(again, headers={"HX-Request": "true"}).status_code == 409
    work()
    assert row(current).state == "stored"


def case_number(current: Services) -> str:
    with current.sessions() as session:
        return session.scalars(select(Ticket.number)).one()


def test_a_worker_that_dies_with_a_photo_in_hand_is_followed_by_another(
    chen: Customer, line: FakeLine, work: Work, current: Services, time: time_machine.Traveller
) -> None:
    sends(chen, line, (500, {}), (200, PHOTO))
    work()
    time.shift(timedelta(seconds=11))
    with current.sessions.begin() as session:
        dead = rows.claim(session, row(current).id)
    assert dead is not None
    attachments.store(current.settings).put(dead.key, io.BytesIO(b"half a photo"))
    work()
    assert row(current).state == "fetching"
    time.shift(timedelta(seconds=rows.LEASE + 11))
    work()
    assert row(current).state == "stored"
    assert len(kept(current)) == 2  # the photo and its small copy
    with attachments.store(current.settings).open(dead.key) as file:
        assert file.read() == PHOTO


def test_a_file_that_kills_every_worker_is_given_up(
    chen: Customer, line: FakeLine, work: Work, current: Services, time: time_machine.Traveller
) -> None:
    sends(chen, line, (500, {}))
    work()
    for _ in range(rows.DEADLY):
        time.shift(timedelta(seconds=rows.LEASE + 1))
        with current.sessions.begin() as session:
            rows.claim(session, row(current).id)
    assert (row(current).state, row(current).reason) == ("failed", "broken")


def test_a_redis_that_forgets_everything_loses_no_photo(
    chen: Customer, line: FakeLine, work: Work, current: Services, time: time_machine.Traveller
) -> None:
    sends(chen, line, (500, {}), (200, PHOTO))
    work()
    time.shift(timedelta(seconds=2))
    sweeper.wake_files(current)
    current.broker.redis.flushall()
    work()
    assert row(current).state == "queued"
    time.shift(timedelta(seconds=11))
    work()
    assert row(current).state == "stored"


def test_on_a_full_disk_photos_wait_for_room(
    chen: Customer,
    line: FakeLine,
    work: Work,
    current: Services,
    time: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "put", full)
        sends(chen, line, (200, PHOTO))
        work()
    assert (row(current).state, row(current).reason) == ("queued", "no_room")
    time.shift(timedelta(seconds=11))
    work()
    assert row(current).state == "stored"


def test_what_the_customer_takes_back_is_gone_everywhere(
    chen: Customer, line: FakeLine, work: Work, wang: FlaskClient, current: Services
) -> None:
    message = sends(chen, line, (200, PHOTO), kind="image")
    work()
    found = addresses(thread(wang, current))
    chen.does("unsend", unsend={"messageId": message})
    work()
    assert (row(current).state, row(current).name, kept(current)) == ("removed", "", [])
    assert [wang.get(address).status_code for address in found] == [404, 404]
    assert addresses(thread(wang, current)) == []


def test_what_is_taken_back_while_it_is_fetched_is_gone_as_well(
    chen: Customer, line: FakeLine, work: Work, current: Services, time: time_machine.Traveller
) -> None:
    message = sends(chen, line, (500, {}), (200, PHOTO))
    work()
    time.shift(timedelta(seconds=11))
    with current.sessions.begin() as session:
        slow = rows.claim(session, row(current).id)
    assert slow is not None
    chen.does("unsend", unsend={"messageId": message})
    work()
    assert row(current).state == "removing"  # somebody may still be writing it
    fetching._fetch(current, slow)
    work()
    assert (row(current).state, kept(current)) == ("removed", [])


def test_what_a_web_page_put_into_the_chat_is_not_called_for(
    chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    elsewhere = {"type": "external", "originalContentUrl": "http://10.0.0.1/"}
    sends(chen, line, (200, PHOTO), contentProvider=elsewhere)
    work()
    assert (row(current).state, row(current).reason) == ("refused", "elsewhere")


def test_an_address_is_over_after_some_hours_and_nobody_else_can_make_one(
    chen: Customer, line: FakeLine, work: Work, wang: FlaskClient, current: Services, time: time_machine.Traveller
) -> None:
    sends(chen, line, (200, PHOTO))
    work()
    whole, _ = addresses(thread(wang, current))
    forged = "A" if whole[-9] != "A" else "B"  # the last letter of all carries bits that mean nothing
    assert wang.get(f"{whole[:-9]}{forged}{whole[-8:]}").status_code == 404
    assert wang.get("/files/nonsense").status_code == 404
    time.shift(timedelta(hours=3, minutes=1))
    assert wang.get(whole).status_code == 404


def test_text_has_no_file(chen: Customer, work: Work, current: Services) -> None:
    chen.writes("運費怎麼算?")
    work()
    with current.sessions() as session:
        assert session.scalars(select(Message.kind).where(Message.author == "customer")).all() == ["text"]
        assert session.scalars(select(Attachment)).all() == []
