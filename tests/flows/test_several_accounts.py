"""A further account is added on the page: checked with LINE, kept sealed, and answered in its own name."""

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from bot.channels.messenger import Messenger
from bot.models import Account, AccountKeys, JournalEntry
from tests import builders, meta
from tests.console import signed_in, words

PAGE = "/console/settings/channels"
SECOND, TOKEN, SECRET = "U" + "1e" * 16, "the-second-token", "the-second-secret"
OTHER_APP = "another-app"
KEYS = {"name": "批發帳號", "secret": SECRET, "token": TOKEN}

pytestmark = pytest.mark.by_hand


@pytest.fixture
def admin(app, current, line):
    line.bots = {current.settings.line_channel_access_token: (builders.DESTINATION, "第一個"), TOKEN: (SECOND, "批發")}
    return signed_in(app, current, "root", "admin")


def writes(client, user, text, secret, account=SECOND):
    """A webhook of an account, signed with a secret."""
    body = json.dumps({"destination": account, "events": [builders.text_event(user, text)]}).encode()
    body, headers = builders.signed(body, secret)
    return client.post("/webhooks/line", data=body, headers=headers).status_code


def rows(current, table):
    with current.sessions() as session:
        return session.scalars(select(table)).all()


def test_a_second_account_hears_and_answers_with_keys_of_its_own(admin, client, current, line, work, chen):
    assert writes(client, "Uhuang", "運費怎麼算", SECRET) == 401
    added = admin.post(PAGE, data=KEYS, follow_redirects=True)
    assert "已儲存" in words(added)
    current.wiring.channels["line"].kept._looked = -10.0  # a second goes by
    assert writes(client, "Uhuang", "運費怎麼算", SECRET) == 200
    chen.writes("運費怎麼算")
    work()
    said = {call.bearer for call in line.sends()}
    assert said == {TOKEN, current.settings.line_channel_access_token}
    page = words(admin.get(PAGE))
    assert "批發帳號 LINE 最後收到" in page
    assert "第一個帳號 LINE 環境變數" in page


def test_its_secret_speaks_for_no_other_account(admin, client, current):
    admin.post(PAGE, data=KEYS)
    assert writes(client, "Uhuang", "您好", SECRET, account=builders.DESTINATION) == 401
    assert writes(client, "Uhuang", "您好", "somebody else's") == 401


def test_keys_are_sealed_and_never_shown_again(admin, current):
    shown = admin.post(PAGE, data=KEYS, follow_redirects=True).get_data(as_text=True)
    (kept,) = rows(current, AccountKeys)
    journal = str([entry.data for entry in rows(current, JournalEntry)])
    for key in (SECRET, TOKEN):
        assert key not in shown + kept.secret + kept.token + journal
    refused = admin.post(PAGE, data=KEYS | {"token": "wrong-token"})
    assert "LINE 不接受這個 token" in refused.get_data(as_text=True).partition('id="token-mistake"')[2][:400]
    assert SECRET not in refused.get_data(as_text=True)


def test_what_is_wrong_is_not_kept(admin, current, line):
    first = current.settings.line_channel_access_token
    assert "由環境變數設定" in words(admin.post(PAGE, data=KEYS | {"token": first}))
    assert "整段複製貼上" in words(admin.post(PAGE, data=KEYS | {"secret": "two words"}))
    line.stop()
    assert "現在問不到 LINE" in words(admin.post(PAGE, data=KEYS))
    assert rows(current, AccountKeys) == []


def test_another_secret_is_good_at_once_and_the_one_before_too(admin, client, current, line):
    admin.post(PAGE, data=KEYS)
    (account,) = [account for account in rows(current, Account) if account.external_id == SECOND]
    line.bots["strange-token"] = ("U" + "2d" * 16, "別人")
    other = admin.post(f"{PAGE}/{account.id}", data=KEYS | {"token": "strange-token"})
    assert "這個 token 是「別人」的" in words(other)
    done = admin.post(f"{PAGE}/{account.id}", data=KEYS | {"secret": "rotated"}, follow_redirects=True)
    assert "已換成新的" in words(done)
    assert writes(client, "Uhuang", "您好", "rotated") == 200
    assert writes(client, "Uhuang", "還在嗎", SECRET) == 200


def test_the_connection_is_tried_at_line(admin, current, line):
    admin.post(PAGE, data=KEYS)
    (account,) = [account for account in rows(current, Account) if account.external_id == SECOND]
    check = f"{PAGE}/{account.id}/check"
    assert "還沒設定" in words(admin.post(check))
    line.webhook = "https://elsewhere.example/hook"
    assert "不是這裡" in words(admin.post(check))
    line.webhook = f"{current.settings.pages}/webhooks/line"
    assert re.search("是這裡.*送到了，簽章正確", words(admin.post(check)))
    line.reached = False
    assert "COULD_NOT_CONNECT" in words(admin.post(check))
    assert "環境變數" in words(admin.get(PAGE)) or account


def test_keys_that_cannot_be_opened_send_nothing_with_those_of_another(admin, client, current, line, work):
    admin.post(PAGE, data=KEYS)
    with current.sessions.begin() as session:
        session.query(AccountKeys).one().token = "sealed with another key"
    assert writes(client, "Uhuang", "您好", SECRET) == 401
    assert line.sends() == []


@pytest.fixture
def graph(current):
    platform = meta.graph()
    platform.secret = OTHER_APP
    platform.accounts = {TOKEN: {"id": "2002", "name": "批發粉專", "user_id": "2002"}}
    for channel in ("messenger", "instagram"):
        accounts = current.wiring.channels[channel]
        current.wiring.channels[channel] = replace(
            accounts,
            first=replace(accounts.first, api_base=platform.base),
            kept=replace(
                accounts.kept, speak=lambda secrets, token, name=channel: Messenger(name, secrets, token, platform.base)
            ),
        )
    yield platform
    platform.stop()


@pytest.mark.parametrize("channel", ["messenger", "instagram"])
def test_a_further_page_hears_and_answers_with_keys_of_its_own(admin, client, current, graph, work, channel):
    assert "加一個 LINE 帳號" in words(admin.get(PAGE))
    assert "App secret" in words(admin.get(f"{PAGE}?on={channel}"))
    assert admin.get(f"{PAGE}?on=telegram").status_code == 404
    keys = {"on": channel, "name": "", "secret": OTHER_APP, "token": TOKEN}
    refused = words(admin.post(PAGE, data=keys | {"token": "wrong"}))
    assert "不接受這個 token。在 Meta for Developers 重新發行" in refused
    added = admin.post(PAGE, data=keys, follow_redirects=True)
    assert "把下面的網址貼到 Meta for Developers" in words(added)
    assert f"{current.settings.pages}/webhooks/messenger" in words(added)
    body = meta.webhook(meta.message("7009", "運費怎麼算", "2002"), account="2002")
    data, headers = meta.signed(body | {"object": "page" if channel == "messenger" else "instagram"}, OTHER_APP)
    current.wiring.channels[channel].kept._looked = -10.0  # a second goes by
    assert client.post("/webhooks/messenger", data=data, headers=headers).status_code == 200
    work()
    assert {call.bearer for call in graph.sends()} == {TOKEN}
    (account,) = [one for one in rows(current, Account) if one.channel == channel]
    assert account.name == "批發粉專"
    checked = words(admin.post(f"{PAGE}/{account.id}/check"))
    assert "沒有訂閱" in checked
    graph.subscribed = True
    assert "有訂閱" in words(admin.post(f"{PAGE}/{account.id}/check")).replace("沒有訂閱", "")
    strangers = meta.webhook(meta.message("7009", "您好", "3003"), account="3003")
    data, headers = meta.signed(strangers | {"object": body["object"]}, OTHER_APP)
    assert client.post("/webhooks/messenger", data=data, headers=headers).status_code == 401
