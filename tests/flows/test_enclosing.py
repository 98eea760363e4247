"""An agent sends a picture with her words: kept at once, sent once, and only what the customer's platform takes."""

import io
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

import webhook_app
from bot import attachments, clock, services
from bot.models import Attachment, Message, OutboxRow
from bot.services import Services
from bot.settings import Settings
from faq import enclosing
from faq.models import ReplyTemplate, TemplateFile
from handoff.models import Ticket
from tests.builders import Customer
from tests.console import PANE, signed_in, words
from tests.fakes import FakeLine
from tests.pictures import FILM, PAPER, PROGRAM, flood, picture

pytestmark = pytest.mark.by_hand
Work = Callable[[], None]
PHOTO = picture()
SHOP = "https://shop.example"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A shop that phones can reach."""
    return settings.model_copy(update={"public_url": SHOP})


@pytest.fixture
def case(chen: Customer, work: Work, current: Services) -> str:
    """The page of the case of 陳怡君, who wanted a person."""
    chen.writes("我要找真人")
    work()
    with current.sessions() as session:
        return f"/console/cases/{session.scalars(select(Ticket.number)).one()}"


@pytest.fixture
def agent(app: Flask, current: Services, case: str) -> FlaskClient:
    member = signed_in(app, current, "fang", "agent")
    assert member.post(f"{case}/claim", headers=PANE).status_code == 200
    return member


def attach(member: FlaskClient, case: str, content: bytes = PHOTO, name: str = "photo.jpg") -> TestResponse:
    return member.post(f"{case}/attachments", data={"file": (io.BytesIO(content), name)})


def attached(member: FlaskClient, case: str, content: bytes = PHOTO, name: str = "photo.jpg") -> int:
    answer = attach(member, case, content, name)
    assert answer.status_code == 201, words(answer)
    found = re.search(r'name="attachment" value="(\d+)"', answer.get_data(as_text=True))
    assert found is not None
    return int(found[1])


def reply(
    member: FlaskClient, current: Services, case: str, *files: int, text: str = "", key: str = ""
) -> TestResponse:
    with current.sessions() as session:
        seen = max(session.scalars(select(Message.id)))
    form = {"text": text, "key": key or str(uuid.uuid4()), "seen": seen, "attachment": list(files)}
    return member.post(f"{case}/reply", data=form, headers=PANE)


def sent(line: FakeLine) -> list[dict[str, str]]:
    """The messages of the last call to LINE."""
    return list(line.sends()[-1].body["messages"])


def test_a_picture_goes_out_with_the_words_and_line_can_fetch_it(
    agent: FlaskClient, case: str, line: FakeLine, work: Work, current: Services, app: Flask
) -> None:
    page = reply(agent, current, case, attached(agent, case), text="這是換貨單")
    work()
    text, image = sent(line)
    assert (text["text"], image["type"]) == ("這是換貨單", "image")
    for name, size in (("originalContentUrl", len(PHOTO)), ("previewImageUrl", None)):
        assert image[name].startswith(f"{SHOP}/files/")
        got = app.test_client().get(urlsplit(image[name]).path)
        assert (got.status_code, got.mimetype) == (200, "image/jpeg")
        assert size is None or len(got.data) == size
    assert '<img src="/files/' in page.get_data(as_text=True)


def test_a_picture_needs_no_words(agent: FlaskClient, case: str, line: FakeLine, work: Work, current: Services) -> None:
    assert reply(agent, current, case, attached(agent, case), attached(agent, case, picture("PNG"))).status_code == 200
    work()
    assert [message["type"] for message in sent(line)] == ["image", "image"]


def test_neither_words_nor_files_is_no_reply(agent: FlaskClient, case: str, current: Services) -> None:
    assert reply(agent, current, case).status_code == 409


def test_a_film_goes_out_with_a_still(
    agent: FlaskClient, case: str, line: FakeLine, work: Work, current: Services, app: Flask
) -> None:
    reply(agent, current, case, attached(agent, case, FILM, "unboxing.mp4"))
    work()
    [film] = sent(line)
    assert film["type"] == "video"
    assert app.test_client().get(urlsplit(film["previewImageUrl"]).path).mimetype == "image/jpeg"


@pytest.mark.parametrize(
    ("content", "name"), [(PAPER, "換貨單.pdf"), (picture("WEBP"), "photo.webp"), (b"a,b\n", "list.csv")]
)
def test_what_line_does_not_show_goes_as_an_address_that_the_customer_opens(
    content: bytes, name: str, agent: FlaskClient, case: str, line: FakeLine, work: Work, current: Services, app: Flask
) -> None:
    reply(agent, current, case, attached(agent, case, content, name))
    work()
    [message] = sent(line)
    called, address = message["text"].split("\n")
    assert called == name
    assert app.test_client().get(urlsplit(address).path).data == content


def test_a_double_click_sends_a_picture_once(
    agent: FlaskClient, case: str, line: FakeLine, work: Work, current: Services
) -> None:
    file, key = attached(agent, case), str(uuid.uuid4())
    assert [reply(agent, current, case, file, key=key).status_code for _ in range(2)] == [200, 200]
    assert reply(agent, current, case, file).status_code == 409  # it is sent, and not there to be sent again
    work()
    with current.sessions() as session:
        assert session.scalars(select(OutboxRow.state).where(OutboxRow.speaker == "agent")).all() == ["sent"]


def test_a_stale_screen_sends_no_picture_and_it_stays_to_be_sent(
    agent: FlaskClient, case: str, chen: Customer, line: FakeLine, work: Work, current: Services
) -> None:
    file = attached(agent, case)
    chen.writes("等一下，換別的顏色")
    refused = agent.post(f"{case}/reply", data={"key": "k", "seen": 1, "attachment": [file]}, headers=PANE)
    assert refused.status_code == 409
    work()
    assert reply(agent, current, case, file).status_code == 200


def test_nobody_sends_what_a_colleague_uploaded(agent: FlaskClient, case: str, app: Flask, current: Services) -> None:
    file, lead = attached(agent, case), signed_in(app, current, "lead", "supervisor")
    assert reply(lead, current, case, file).status_code == 409


def test_who_has_not_the_case_attaches_nothing(agent: FlaskClient, case: str, app: Flask, current: Services) -> None:
    colleague = signed_in(app, current, "kuo", "agent")
    assert attach(colleague, case).status_code == 409
    assert list(attachments.store(current.settings).names()) == []


@pytest.mark.parametrize(
    ("content", "told"),
    [(PROGRAM, "程式檔不能傳給顧客"), (flood(), "尺寸太大"), (b"", "空的"), (picture() + bytes(10_000_000), "10 MB")],
)
def test_what_may_not_go_out_is_refused_before_it_is_kept(
    content: bytes, told: str, agent: FlaskClient, case: str, current: Services
) -> None:
    answer = attach(agent, case, content)
    assert (answer.status_code, told in answer.get_json()["message"]) == (409, True)
    assert list(attachments.store(current.settings).names()) == []


def test_a_body_beyond_every_limit_is_not_read(agent: FlaskClient, case: str, current: Services) -> None:
    small = current.settings.model_copy(update={"attachment_mb": 1})
    shop = webhook_app.create_app(services.install(replace(current, settings=small)))
    shop.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    member = shop.test_client()
    member.post("/sign-in", data={"username": "fang", "password": "a long password"})
    assert attach(member, case, bytes(1_200_000)).status_code == 413


def test_without_an_address_that_phones_reach_files_are_refused_and_it_says_why(
    agent: FlaskClient, case: str, current: Services
) -> None:
    home = current.settings.model_copy(update={"public_url": ""})
    shop = webhook_app.create_app(services.install(replace(current, settings=home)))
    shop.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    member = shop.test_client()
    member.post("/sign-in", data={"username": "fang", "password": "a long password"})
    assert "PUBLIC_URL" in attach(member, case).get_json()["message"]
    assert "PUBLIC_URL" in member.get(case).get_data(as_text=True)


def test_what_was_never_sent_is_gone_after_a_day(agent: FlaskClient, case: str, work: Work, current: Services) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        attached(agent, case)
        sent = attached(agent, case)
        reply(agent, current, case, sent)
        time.shift(timedelta(days=1, seconds=1))
        attachments.forget_unsent(current)
        work()
    with current.sessions() as session:
        assert sorted(session.scalars(select(Attachment.state))) == ["removed", "stored"]
    assert len(list(attachments.store(current.settings).names())) == 2


def test_an_upload_that_broke_off_leaves_nothing(
    agent: FlaskClient, case: str, work: Work, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(attachments.Store, "_on_disk", lambda *_: (_ for _ in ()).throw(OSError("no room")))
        assert "沒有地方存放" in attach(agent, case).get_json()["message"]
    with time_machine.travel(clock.after(120), tick=False):
        work()
    assert list(attachments.store(current.settings).names()) == []


def test_an_upload_that_took_so_long_that_it_was_removed_is_not_called_kept(
    agent: FlaskClient, case: str, work: Work, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(clock.now(), tick=False) as time, monkeypatch.context() as patch:

        def slowly(*_: object) -> None:
            patch.undo()
            time.shift(120)
            work()

        patch.setattr(attachments.Store, "put", slowly)
        assert "再附加一次" in attach(agent, case).get_json()["message"]


@pytest.fixture
def editor(app: Flask, current: Services) -> FlaskClient:
    return signed_in(app, current, "pan", "editor")


def keeps(editor: FlaskClient, content: bytes, name: str = "尺寸表.jpg", **more: str) -> TestResponse:
    typed = {"title": "尺寸", "text": "{name}您好，尺寸表給您。", "category": "want_human"}
    form = {**typed, "file": (io.BytesIO(content), name), **more}
    return editor.post("/content/templates", data=form)


def offered(agent: FlaskClient, case: str) -> str:
    return agent.get(f"{case}/templates").get_data(as_text=True)


def of_template(agent: FlaskClient, case: str, template: str) -> TestResponse:
    return agent.post(f"{case}/attachments", data={"template": template})


def test_what_goes_with_a_template_is_seen_and_goes_out_as_any_file(
    editor: FlaskClient, agent: FlaskClient, case: str, line: FakeLine, work: Work, current: Services, app: Flask
) -> None:
    assert keeps(editor, PHOTO).status_code == 302
    page = offered(agent, case)
    [template] = re.findall(r'data-encloses="(\d+)"', page)
    [seen] = re.findall(r'<img src="(/content/templates/files/[^"]+)"', page)
    assert (agent.get(seen).mimetype, app.test_client().get(seen).status_code) == ("image/jpeg", 302)
    assert seen in editor.get("/content/templates").get_data(as_text=True)
    kept = of_template(agent, case, template)
    assert (kept.status_code, "尺寸表.jpg" in words(kept)) == (201, True)
    [number] = re.findall(r'name="attachment" value="(\d+)"', kept.get_data(as_text=True))
    reply(agent, current, case, int(number), text="怡君您好，尺寸表給您。")
    work()
    text, image = sent(line)
    assert (text["text"], image["type"]) == ("怡君您好，尺寸表給您。", "image")
    assert app.test_client().get(urlsplit(image["originalContentUrl"]).path).data == PHOTO


def test_a_paper_goes_as_a_link_and_another_file_takes_its_place(
    editor: FlaskClient, agent: FlaskClient, case: str, current: Services
) -> None:
    keeps(editor, PAPER, "換貨單.pdf")
    with current.sessions() as session:
        [template] = session.scalars(select(TemplateFile.template_id)).all()
    keeps(editor, PHOTO, id=str(template), revision="2")
    page = offered(agent, case)
    assert ("換貨單.pdf" in page, "尺寸表.jpg" in page) == (False, True)
    with current.sessions.begin() as session:
        session.execute(update(TemplateFile).values(created_at=clock.now() - timedelta(hours=2)))
    enclosing.forget(current)
    with current.sessions() as session:
        assert session.scalars(select(TemplateFile.name)).all() == ["尺寸表.jpg"]
    assert editor.post(f"/content/templates/{template}/file/remove", data={"revision": 3}).status_code == 302
    assert "data-encloses" not in offered(agent, case)
    gone = of_template(agent, case, str(template))
    assert (gone.status_code, gone.json) == (409, {"message": "這個範本沒有檔案了，重新選一次。"})


@pytest.mark.parametrize(("content", "why"), [(PROGRAM, "程式檔不能傳給顧客"), (flood(), "尺寸太大")])
def test_a_file_that_nobody_should_send_is_kept_with_no_template(
    editor: FlaskClient, current: Services, content: bytes, why: str
) -> None:
    refused = keeps(editor, content)
    assert (refused.status_code, why in words(refused), "尺寸表給您" in words(refused)) == (409, True, True)
    with current.sessions() as session:
        assert session.scalars(select(ReplyTemplate).where(ReplyTemplate.title == "尺寸")).all() == []


def test_where_no_file_can_be_kept_the_template_is_not_either(
    editor: FlaskClient, current: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(attachments.Store, "_on_disk", lambda *_: (_ for _ in ()).throw(OSError("no room")))
        refused = keeps(editor, PHOTO)
    assert (refused.status_code, "沒有地方存放" in words(refused)) == (409, True)
    assert keeps(editor, PHOTO).status_code == 302
    with current.sessions() as session:
        [template] = session.scalars(select(ReplyTemplate.id).where(ReplyTemplate.title == "尺寸")).all()
        kept = session.scalars(select(TemplateFile.template_id).order_by(TemplateFile.id)).all()
        assert kept == [None, template]


def test_removing_the_file_is_not_what_the_enter_key_presses(editor: FlaskClient, current: Services) -> None:
    keeps(editor, PHOTO)
    with current.sessions() as session:
        [template] = session.scalars(select(TemplateFile.template_id)).all()
    page = editor.get(f"/content/templates?edit={template}").get_data(as_text=True)
    [form] = re.findall(r'<form class="case-form.*?</form>', page, re.DOTALL)
    pressed = [button for button in re.findall(r"<button[^>]*>", form) if 'type="button"' not in button]
    assert pressed == ['<button class="btn g sm" form="leave">', '<button class="btn p">']
    assert f'<form id="leave" method="post" action="/content/templates/{template}/file/remove">' in page


def test_who_did_not_see_a_colleagues_file_does_not_overwrite_it(
    editor: FlaskClient, current: Services, app: Flask
) -> None:
    mei = signed_in(app, current, "mei", "editor")
    keeps(editor, PAPER, "換貨單.pdf")
    with current.sessions() as session:
        [known] = map(str, session.scalars(select(TemplateFile.template_id)))
    template = f"/content/templates/{known}"
    assert keeps(mei, PHOTO, id=known, revision="2").status_code == 302
    refused = keeps(editor, PAPER, "退貨單.pdf", id=known, revision="2")
    assert (refused.status_code, "mei 剛剛改過" in words(refused)) == (409, True)
    assert words(refused).count("選過的檔案要再選一次。") == 2  # now, and when the words come back by themselves
    assert '<tr><th scope="row">檔案</th>' in refused.get_data(as_text=True)
    for deed in ("file/remove", "delete"):
        late = editor.post(f"{template}/{deed}", data={"revision": 2})
        assert (late.status_code, "mei 剛剛改過「尺寸」，看過之後再決定。" in words(late)) == (409, True)
    page = editor.get(f"/content/templates?edit={known}").get_data(as_text=True)
    assert page.count('name="revision" value="3"') == 3  # to save it, to take its file away, to delete it
    assert editor.post(f"{template}/file/remove", data={"revision": 3}).status_code == 302
    assert keeps(mei, PHOTO, id=known, revision="3").status_code == 409


def test_a_template_is_deleted_with_its_file(
    editor: FlaskClient, agent: FlaskClient, case: str, current: Services
) -> None:
    keeps(editor, PHOTO)
    with current.sessions() as session:
        [template] = session.scalars(select(TemplateFile.template_id)).all()
    assert editor.post(f"/content/templates/{template}/delete", data={"revision": 2}).status_code == 302
    assert of_template(agent, case, str(template)).status_code == 409
