"""A program sends files with its replies, and reads what customers sent."""

import io

import pytest

from tests.pictures import PAPER, PROGRAM, picture
from tests.programs import hired, opened

PHOTO = picture()


@pytest.fixture
def crm(app):
    return hired(app, "specialist", "客服系統")


@pytest.fixture
def case(current, crm):
    """A case that the CRM has taken: its path, and the customer's message."""
    number, seen, _ = opened(current)
    crm.post(f"/tickets/{number}/claim")
    return f"/tickets/{number}", seen


def upload(program, path, content=PHOTO, name="photo.jpg", field="file"):
    form = {field: (io.BytesIO(content), name)}
    return program.client.post(f"/api/v1{path}/attachments", data=form, headers=program._headers())


def test_a_file_is_taken_in_sent_and_read_again(crm, case, app):
    path, seen = case
    kept = upload(crm, path)
    assert (kept.status_code, kept.json["kind"]) == (201, "image")
    said = crm.post(f"{path}/reply", seen_message_id=seen, attachments=[kept.json["id"]])
    assert (said.status_code, said.json["kind"]) == (201, "image")
    [newest, _] = crm.get(f"{path}/messages").json["items"]
    assert newest["attachment"]["type"] == "image/jpeg"
    assert app.test_client().get(newest["attachment"]["url"]).data == PHOTO


def test_a_reply_under_its_key_sends_its_files_once(crm, case):
    path, seen = case
    file = upload(crm, path, PAPER, "換貨單.pdf").json["id"]
    answers = [crm.post(f"{path}/reply", "k", seen_message_id=seen, attachments=[file]) for _ in range(2)]
    assert [answer.json["id"] for answer in answers] == [answers[0].json["id"]] * 2
    assert crm.post(f"{path}/reply", seen_message_id=seen, attachments=[file]).status_code == 409


def test_what_is_no_file_is_told_from_what_may_not_be_sent(crm, case):
    path, _ = case
    assert upload(crm, path, PROGRAM).status_code == 409
    assert upload(crm, path, field="other").status_code == 409
    assert crm.post(f"{path}/attachments", file="x").status_code == 415


def test_only_who_may_write_cases_uploads(app, case):
    reader = hired(app, "specialist", "報表", scopes=("read",))
    assert upload(reader, case[0]).status_code == 403
    assert upload(hired(app, "editor"), case[0]).status_code == 403
