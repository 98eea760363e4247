"""Calls to LINE through its SDK, without the SDK's own retries: the outbox retries.

Each way a call can end is one of the errors of `bot.ports.Channel`; what may have gone out is never called failed.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
import urllib3
from linebot.v3.messaging import (
    ApiClient,
    Configuration,
    FlexContainer,
    FlexMessage,
    ImageMessage,
    Message,
    MessageAction,
    MessagingApi,
    PostbackAction,
    PushMessageRequest,
    QuickReply,
    QuickReplyItem,
    ReplyMessageRequest,
    Sender,
    ShowLoadingAnimationRequest,
    TextMessage,
    VideoMessage,
)
from linebot.v3.messaging.exceptions import ApiException
from pydantic.v1 import ValidationError  # the SDK's models are of that version

from bot.channels.calling import broken_off
from bot.channels.line import cards, failures
from bot.errors import PermanentSendError, SendError
from bot.messages import Button, Outbound, printable
from bot.ports import Parcel, Profile, Quota

TIMEOUT = (2.0, 6.0)  # to connect, to wait for the answer: a worker is not held up for longer
NOT_FOUND = 404
PROFILE_TIMEOUT = (1.0, 2.0)  # a name is worth a moment of a turn, no more
MEDIA = {"image": ImageMessage, "video": VideoMessage}
NO_ANSWER = (urllib3.exceptions.HTTPError, OSError, ValueError)

log = structlog.get_logger()


def connect(api_base: str, access_token: str) -> MessagingApi:
    """The API client; one a process is enough, its pool is shared between threads."""
    configuration = Configuration(host=api_base, access_token=access_token)
    configuration.retries = urllib3.Retry(0, redirect=0)
    return MessagingApi(ApiClient(configuration))


def send(api: MessagingApi, parcel: Parcel) -> list[str]:
    """One reply or push call; the ids that LINE gave the messages."""
    try:
        call = _call(api, parcel)
    except (ValueError, TypeError) as error:
        raise PermanentSendError("the message is beyond LINE's limits") from error
    try:
        answer = call()
    except ApiException as error:
        return _accepted_before(error, parcel)
    except ValidationError:
        return []  # LINE took the messages and answered in a way that the SDK does not know
    except NO_ANSWER as error:
        raise broken_off("LINE", error) from error
    return [sent.id for sent in answer.sent_messages]


def _accepted_before(error: ApiException, parcel: Parcel) -> list[str]:
    """409 means that this retry key was taken already: the messages are out. All else is a failure."""
    if error.status == 409 and parcel.reply_token is None:
        return []
    raise _refusal(error, "reply" if parcel.reply_token else "push") from error


def _refusal(error: ApiException, via: str) -> SendError:
    status = int(error.status or 0)
    if status in (401, 403):  # the token was rotated, or a right is missing: ours to mend, and then it goes out
        log.error("line.not_authorised", status=status)
    return failures.refusal(status, str(error.body or ""), via, error.headers or {})


def _call(api: MessagingApi, parcel: Parcel) -> Callable[[], Any]:
    """The call, built but not made: what is wrong with a message shows before anything is sent."""
    messages: list[Message] = [_message(said.message, said.sender_name) for said in parcel.messages]
    if parcel.reply_token:
        reply = ReplyMessageRequest(replyToken=parcel.reply_token, messages=messages)
        return partial(api.reply_message, reply, _request_timeout=TIMEOUT)
    push = PushMessageRequest(to=parcel.recipient.id, messages=messages)
    return partial(api.push_message, push, x_line_retry_key=parcel.key, _request_timeout=TIMEOUT)


def show_loading(api: MessagingApi, user_id: str, seconds: int) -> None:
    """The waiting animation; it is an ornament, so a failure is logged and nothing more."""
    request = ShowLoadingAnimationRequest(chatId=user_id, loadingSeconds=seconds)
    try:
        api.show_loading_animation(request, _request_timeout=TIMEOUT)
    except (ApiException, *NO_ANSWER) as error:
        log.info("line.loading_failed", error=type(error).__name__)


def profile(api: MessagingApi, user_id: str) -> Profile | None:
    """Name and language of a person; empty where LINE does not tell (no friend, blocked), None where it is away."""
    try:
        found = api.get_profile(user_id, _request_timeout=PROFILE_TIMEOUT)
    except (ApiException, *NO_ANSWER) as error:
        log.info("line.profile_unavailable", error=type(error).__name__)
        return Profile() if getattr(error, "status", None) == NOT_FOUND else None
    return Profile(name=printable(found.display_name or ""), language=found.language or "")


def quota(api: MessagingApi) -> Quota | None:
    """The month's pushes, and how many of them are used; None where LINE does not tell now."""
    try:
        plan = api.get_message_quota(_request_timeout=TIMEOUT)
        used = api.get_message_quota_consumption(_request_timeout=TIMEOUT).total_usage
    except (ApiException, *NO_ANSWER) as error:
        log.warning("line.quota_unavailable", error=type(error).__name__)
        return None
    return Quota(plan.value, used)


def _message(message: Outbound, sender_name: str) -> Message:
    bubble = cards.bubble(message)
    under = (message if bubble else message.plain).buttons
    items = [QuickReplyItem(action=_tap(one)) for one in under]
    around = {
        "quickReply": QuickReply(items=items) if items else None,
        "sender": Sender(name=sender_name) if sender_name else None,
    }
    if bubble is not None:
        return FlexMessage(altText=message.text, contents=FlexContainer.from_dict(bubble), **around)
    if message.media is None:
        return TextMessage(text=message.text, **around)
    shown = {"originalContentUrl": message.media.url, "previewImageUrl": message.media.preview}
    return MEDIA[message.media.kind](**shown, **around)


def _tap(one: Button) -> MessageAction | PostbackAction:
    """What it says is a message of the customer's; what it brings along is told to us alone, and shown as said."""
    if one.brings:
        return PostbackAction(label=one.label, data=one.brings, displayText=one.text)
    return MessageAction(label=one.label, text=one.text)
