"""The simulated LINE platform, driven by LINE's own SDK over HTTP: it must behave as LINE does."""

import base64
import hashlib
import hmac
import json
import threading
import uuid
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import time_machine
from linebot.v3 import WebhookParser
from linebot.v3.messaging import (
    ApiClient,
    ApiException,
    Configuration,
    MarkMessagesAsReadByTokenRequest,
    MessageAction,
    MessagingApi,
    MessagingApiBlob,
    PushMessageRequest,
    QuickReply,
    QuickReplyItem,
    ReplyMessageRequest,
    Sender,
    ShowLoadingAnimationRequest,
    TextMessage,
    ValidateMessageRequest,
)
from linebot.v3.webhooks import MessageEvent, PostbackEvent, UnfollowEvent, UnsendEvent
from werkzeug.serving import make_server

from bot import clock
from bot.settings import DEMO_DESTINATION, Settings
from bot.simulator import calls, phone, store
from bot.simulator.credentials import demo_credentials
from bot.simulator.customers import CUSTOMERS
from bot.simulator.delivery import Courier
from bot.simulator.platform import create_app
from bot.simulator.store import Bubble, Customer, Delivery
from tests.pictures import FILM, PAPER

CHEN, HUANG = CUSTOMERS[0].id, CUSTOMERS[1].id
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class Webhook:
    """The bot's webhook as the platform sees it: keeps what came, answers what it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[bytes, str]] = []
        self.answers: deque[int] = deque()
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                webhook.calls.append((raw, self.headers["x-line-signature"]))
                self.send_response(webhook.answers.popleft() if webhook.answers else 200)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def events(self) -> list[dict[str, Any]]:
        return [event for raw, _ in self.calls for event in json.loads(raw)["events"]]


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    webhook = Webhook()
    yield webhook
    webhook.server.shutdown()
    webhook.server.server_close()


@pytest.fixture
def settings(tmp_path: Path, webhook: Webhook) -> Settings:
    return Settings(frontline_data=tmp_path, port=webhook.server.server_address[1])


@pytest.fixture
def courier(settings: Settings) -> Courier:
    return Courier(settings)


@pytest.fixture
def client(settings: Settings) -> Iterator[ApiClient]:
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    _, token = demo_credentials(settings)
    with ApiClient(Configuration(access_token=token, host=f"http://127.0.0.1:{server.port}")) as client:
        yield client
    server.shutdown()
    server.server_close()


@pytest.fixture
def line(client: ApiClient) -> MessagingApi:
    return MessagingApi(client)


def writes(settings: Settings, text: str, customer: str = CHEN) -> str:
    """The customer writes; the message's id."""
    with store.opened(settings).begin() as session:
        return phone.send_text(session, customer, text).message_id


def bubbles(settings: Settings, customer: str = CHEN) -> list[Bubble]:
    with store.opened(settings)() as session:
        return session.query(Bubble).filter_by(customer_id=customer, mine=False).order_by(Bubble.id).all()


def reply_token(webhook: Webhook) -> str:
    return str(webhook.events()[-1]["replyToken"])


def says(*texts: str) -> list[Any]:
    return [TextMessage(text=text) for text in texts]


def refusal(error: pytest.ExceptionInfo[ApiException]) -> tuple[int, dict[str, Any]]:
    return error.value.status, json.loads(error.value.body)


def test_a_reply_token_answers_once(settings: Settings, courier: Courier, webhook: Webhook, line: MessagingApi) -> None:
    writes(settings, "運費怎麼算？")
    courier.deliver_due()
    request = ReplyMessageRequest(replyToken=reply_token(webhook), messages=says("滿千免運。", "其餘 80 元。"))

    sent = line.reply_message(request).sent_messages
    with pytest.raises(ApiException) as again:
        line.reply_message(request)

    assert [bubble.message_id for bubble in bubbles(settings)] == [message.id for message in sent]
    assert [bubble.body["text"] for bubble in bubbles(settings)] == ["滿千免運。", "其餘 80 元。"]
    assert refusal(again) == (400, {"message": "Invalid reply token"})
    assert again.value.headers["x-line-request-id"]


def test_a_reply_token_is_good_for_a_minute(
    settings: Settings, courier: Courier, webhook: Webhook, line: MessagingApi
) -> None:
    writes(settings, "運費怎麼算？")
    courier.deliver_due()
    request = ReplyMessageRequest(replyToken=reply_token(webhook), messages=says("太晚了"))

    with time_machine.travel(clock.after(61)), pytest.raises(ApiException) as late:
        line.reply_message(request)

    assert refusal(late) == (400, {"message": "Invalid reply token"})
    assert bubbles(settings) == []


def test_a_reply_takes_no_retry_key(
    settings: Settings, courier: Courier, webhook: Webhook, client: ApiClient, line: MessagingApi
) -> None:
    writes(settings, "你好")
    courier.deliver_due()
    request = ReplyMessageRequest(replyToken=reply_token(webhook), messages=says("您好"))
    client.set_default_header("X-Line-Retry-Key", str(uuid.uuid4()))

    with pytest.raises(ApiException) as refused:
        line.reply_message(request)

    assert refused.value.status == 400


def test_a_push_with_the_same_retry_key_arrives_once(settings: Settings, line: MessagingApi) -> None:
    key = str(uuid.uuid4())
    request = PushMessageRequest(to=CHEN, messages=says("您好，我是志豪。"))
    first = line.push_message_with_http_info(request, x_line_retry_key=key)

    with pytest.raises(ApiException) as again:
        line.push_message(request, x_line_retry_key=key)

    status, body = refusal(again)
    assert (status, body["message"]) == (409, "The retry key is already accepted")
    assert [message["id"] for message in body["sentMessages"]] == [m.id for m in first.data.sent_messages]
    assert again.value.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert len(bubbles(settings)) == 1


def test_a_retry_key_is_forgotten_after_a_day(settings: Settings, line: MessagingApi) -> None:
    key = str(uuid.uuid4())
    request = PushMessageRequest(to=CHEN, messages=says("早安"))
    line.push_message(request, x_line_retry_key=key)
    with time_machine.travel(clock.after(25 * 3600)):
        line.push_message(request, x_line_retry_key=key)
    assert len(bubbles(settings)) == 2


def test_a_push_to_somebody_who_blocked_us_is_accepted_and_dropped(
    settings: Settings, courier: Courier, webhook: Webhook, line: MessagingApi
) -> None:
    with store.opened(settings).begin() as session:
        phone.block(session, CHEN)
    courier.deliver_due()
    used = line.get_message_quota_consumption().total_usage

    sent = line.push_message(PushMessageRequest(to=CHEN, messages=says("在嗎"))).sent_messages

    assert len(sent) == 1
    assert bubbles(settings) == []
    assert line.get_message_quota_consumption().total_usage == used
    assert [event["type"] for event in webhook.events()] == ["unfollow"]
    with pytest.raises(ApiException) as unknown:
        line.get_profile(CHEN)
    assert unknown.value.status == 404


def test_a_push_to_nobody_is_refused(line: MessagingApi) -> None:
    with pytest.raises(ApiException) as refused:
        line.push_message(PushMessageRequest(to="U" + "9" * 32, messages=says("在嗎")))
    assert refusal(refused) == (400, {"message": "Failed to send messages"})


def test_pushes_use_up_the_quota_and_replies_do_not(
    settings: Settings, courier: Courier, webhook: Webhook, line: MessagingApi
) -> None:
    line.push_message(PushMessageRequest(to=CHEN, messages=says("一", "二")))
    writes(settings, "運費怎麼算？")
    courier.deliver_due()
    line.reply_message(ReplyMessageRequest(replyToken=reply_token(webhook), messages=says("滿千免運。")))
    assert line.get_message_quota_consumption().total_usage == 1
    assert line.get_message_quota().value == calls.QUOTA


def test_when_the_quota_is_used_up_pushes_are_refused_and_replies_go_on(
    settings: Settings, courier: Courier, webhook: Webhook, line: MessagingApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "QUOTA", 1)
    push = PushMessageRequest(to=CHEN, messages=says("早安"))
    line.push_message(push)
    with pytest.raises(ApiException) as refused:
        line.push_message(push)
    assert refusal(refused) == (429, {"message": "You have reached your monthly limit."})
    writes(settings, "運費怎麼算？")
    courier.deliver_due()
    line.reply_message(ReplyMessageRequest(replyToken=reply_token(webhook), messages=says("滿千免運。")))


def test_a_wrong_token_is_refused(client: ApiClient, line: MessagingApi) -> None:
    client.configuration.access_token = "wrong"
    with pytest.raises(ApiException) as refused:
        line.get_bot_info()
    assert refused.value.status == 401


def test_the_profile_and_the_account_are_known(line: MessagingApi) -> None:
    assert line.get_profile(CHEN).display_name == "陳怡君"
    assert line.get_profile(CUSTOMERS[3].id).language == "en"
    assert line.get_bot_info().user_id == DEMO_DESTINATION


def test_the_dots_show_until_the_next_message(settings: Settings, line: MessagingApi) -> None:
    line.show_loading_animation(ShowLoadingAnimationRequest(chatId=CHEN, loadingSeconds=10))
    assert loading(settings)
    line.push_message(PushMessageRequest(to=CHEN, messages=says("好了")))
    assert not loading(settings)
    with pytest.raises(ApiException) as refused:
        line.show_loading_animation(ShowLoadingAnimationRequest(chatId=CHEN, loadingSeconds=7))
    assert refused.value.status == 400


def loading(settings: Settings) -> bool:
    with store.opened(settings)() as session:
        until = session.get_one(Customer, CHEN).loading_until
    return until is not None and until > clock.now()


@pytest.mark.parametrize(
    ("message", "where"),
    [
        (TextMessage(text="字" * 5001), "messages[0].text"),
        (TextMessage(text="😀" * 2501), "messages[0].text"),
        (TextMessage(text=""), "messages[0].text"),
        (TextMessage(text="好", sender=Sender(name="LINE 小編")), "messages[0].sender.name"),
    ],
)
def test_a_message_beyond_the_limits_is_refused(line: MessagingApi, message: TextMessage, where: str) -> None:
    with pytest.raises(ApiException) as refused:
        line.validate_push(ValidateMessageRequest(messages=[message]))
    status, body = refusal(refused)
    assert (status, body["details"][0]["property"]) == (400, where)


def test_a_quick_reply_needs_a_short_label(settings: Settings, line: MessagingApi) -> None:
    def with_label(label: str) -> PushMessageRequest:
        item = QuickReplyItem(action=MessageAction(label=label, text="找真人"))
        return PushMessageRequest(to=CHEN, messages=[TextMessage(text="請選擇", quickReply=QuickReply(items=[item]))])

    line.push_message(with_label("找真人"))
    with pytest.raises(ApiException) as refused:
        line.push_message(with_label("一" * 21))

    assert refused.value.status == 400
    assert [bubble.body["quickReply"]["items"][0]["action"]["text"] for bubble in bubbles(settings)] == ["找真人"]


def test_every_event_is_signed_over_its_raw_bytes(settings: Settings, courier: Courier, webhook: Webhook) -> None:
    writes(settings, "烤箱玻璃破了 😢")
    courier.deliver_due()

    raw, signature = webhook.calls[0]
    secret, _ = demo_credentials(settings)
    expected = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    assert signature == expected
    assert json.loads(raw)["destination"] == DEMO_DESTINATION


def test_the_sdk_understands_every_event_of_the_phone(settings: Settings, courier: Courier, webhook: Webhook) -> None:
    with store.opened(settings).begin() as session:
        text = phone.send_text(session, CHEN, "你好")
        phone.send_sticker(session, CHEN, "1", "3", "謝謝")
        phone.send_file(session, CHEN, PIXEL)
        phone.send_location(session, CHEN, {"title": "家", "address": "台北市", "latitude": 25.03, "longitude": 121.56})
        phone.postback(session, CHEN, "action=human", "找真人")
        phone.unsend(session, text.message_id)
        phone.block(session, CHEN)
    while courier.deliver_due():
        pass

    secret, _ = demo_credentials(settings)
    parser = WebhookParser(secret)
    seen = [parser.parse(raw.decode(), signature)[0] for raw, signature in webhook.calls]
    assert [type(event) for event in seen] == [MessageEvent] * 4 + [PostbackEvent, UnsendEvent, UnfollowEvent]
    assert [event.message.type for event in seen[:4]] == ["text", "sticker", "image", "location"]
    assert seen[5].unsend.message_id == text.message_id


def test_an_event_comes_again_until_it_is_taken_and_those_behind_it_wait(
    settings: Settings, courier: Courier, webhook: Webhook
) -> None:
    webhook.answers.extend([500, 503])
    writes(settings, "第一句")
    writes(settings, "第二句")

    for seconds in (0, 5, 10, 15):
        with time_machine.travel(clock.after(seconds), tick=False):
            while courier.deliver_due():
                pass

    came = webhook.events()
    assert [event["message"]["text"] for event in came] == ["第一句", "第一句", "第一句", "第二句"]
    again = [event["deliveryContext"]["isRedelivery"] for event in came]
    assert again == [False, True, True, False]
    assert len({event["webhookEventId"] for event in webhook.events()}) == 2
    assert waiting(settings) == 0


def test_one_customers_trouble_does_not_hold_up_another(settings: Settings, courier: Courier, webhook: Webhook) -> None:
    webhook.answers.append(500)
    writes(settings, "有毛病的")
    courier.deliver_due()
    writes(settings, "我是別人", HUANG)
    courier.deliver_due()
    assert [event["source"]["userId"] for event in webhook.events()] == [CHEN, HUANG]


def test_the_phone_shows_read_once_the_bot_took_the_message(
    settings: Settings, courier: Courier, webhook: Webhook
) -> None:
    webhook.answers.append(500)
    message_id = writes(settings, "有人嗎")
    courier.deliver_due()
    assert not was_read(settings, message_id)
    with time_machine.travel(clock.after(5)):
        courier.deliver_due()
    assert was_read(settings, message_id)


def test_the_bot_may_mark_as_read_by_token(
    settings: Settings, courier: Courier, webhook: Webhook, line: MessagingApi
) -> None:
    webhook.answers.append(500)
    message_id = writes(settings, "有人嗎")
    courier.deliver_due()
    token = webhook.events()[0]["message"]["markAsReadToken"]
    line.mark_messages_as_read_by_token(MarkMessagesAsReadByTokenRequest(markAsReadToken=token))
    assert was_read(settings, message_id)


def was_read(settings: Settings, message_id: str) -> bool:
    with store.opened(settings)() as session:
        return session.query(Bubble).filter_by(message_id=message_id).one().read_at is not None


def waiting(settings: Settings) -> int:
    with store.opened(settings)() as session:
        return session.query(Delivery).filter_by(state="waiting").count()


def test_a_platform_whose_bot_is_down_gives_up_in_the_end(settings: Settings, tmp_path: Path) -> None:
    nobody = Settings(frontline_data=tmp_path, port=1)
    writes(nobody, "有人嗎")
    courier = Courier(nobody)
    courier.deliver_due()
    assert waiting(nobody) == 1
    with time_machine.travel(clock.after(660)):
        courier.deliver_due()
    assert waiting(nobody) == 0


def test_a_picture_can_be_fetched_until_it_is_unsent(settings: Settings, client: ApiClient) -> None:
    with store.opened(settings).begin() as session:
        message_id = phone.send_file(session, CHEN, PIXEL).message_id
    blobs = MessagingApiBlob(client)

    assert bytes(blobs.get_message_content(message_id)) == PIXEL
    with store.opened(settings).begin() as session:
        phone.unsend(session, message_id)
    with pytest.raises(ApiException) as gone:
        blobs.get_message_content(message_id)

    assert gone.value.status == 410


def test_a_film_is_prepared_for_a_moment_before_it_can_be_fetched(settings: Settings, client: ApiClient) -> None:
    with time_machine.travel(clock.now(), tick=False) as time:
        with store.opened(settings).begin() as session:
            message_id = phone.send_file(session, CHEN, FILM).message_id
        blobs = MessagingApiBlob(client)
        assert blobs.get_message_content(message_id) is None
        time.shift(3)
        assert bytes(blobs.get_message_content(message_id)) == FILM


def test_a_file_tells_its_name_and_size(settings: Settings) -> None:
    with store.opened(settings).begin() as session:
        assert phone.send_file(session, CHEN, PAPER, "收據.pdf").body == {
            "type": "file",
            "fileName": "收據.pdf",
            "fileSize": len(PAPER),
        }


def test_the_credentials_are_this_machines_and_its_owners_only(settings: Settings, tmp_path: Path) -> None:
    other = Settings(frontline_data=tmp_path / "other")
    assert demo_credentials(settings) == demo_credentials(settings)
    assert demo_credentials(settings) != demo_credentials(other)
    assert (tmp_path / "simulator.json").stat().st_mode & 0o777 == 0o600
