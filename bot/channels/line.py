"""LINE. In: plain dictionaries, since the SDK's parser loses whole batches. Out: the SDK, without its retries.

Facts behind every rule here: the Messaging API reference, and measurements of line-bot-sdk 3.27.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_args

import structlog
import urllib3
from linebot.v3.messaging import (
    ApiClient,
    Configuration,
    Message,
    MessageAction,
    MessagingApi,
    PushMessageRequest,
    QuickReply,
    QuickReplyItem,
    ReplyMessageRequest,
    Sender,
    ShowLoadingAnimationRequest,
    TextMessage,
)
from linebot.v3.messaging.exceptions import ApiException

from bot.clock import from_millis
from bot.errors import PermanentSendError, ReplyTokenRefused, SendError, TemporarySendError, UnknownOutcome
from bot.messages import Inbound, Kind, Outbound, printable
from bot.ports import Parcel, Profile, Recipient

TIMEOUT = (3.0, 10.0)
KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
WHATS = {"unsend": "unsend", "follow": "follow", "unfollow": "unfollow", "messageEdited": "edit"}

log = structlog.get_logger()


@dataclass(frozen=True)
class Line:
    """A LINE official account: two secrets while one is being rotated, an access token, the API's address."""

    secrets: tuple[str, ...]
    access_token: str
    api_base: str
    name: str = "line"
    pack: int = 5

    def verify(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """HMAC-SHA256 over the raw bytes, in constant time, for each secret in force. Header names are lower case."""
        given = headers.get("x-line-signature", "").encode("utf-8", "replace")
        return any([hmac.compare_digest(_signature(secret, body), given) for secret in self.secrets])

    def split(self, body: Any) -> tuple[str, list[dict[str, Any]]]:
        """The account (`destination`) and the raw events; anything else in the list is wrapped and kept."""
        if not isinstance(body, dict) or not isinstance(body.get("events"), list):
            raise ValueError("a LINE webhook has a list named events")
        return _text(body.get("destination")) or "unknown", [
            raw if isinstance(raw, dict) else {"type": "malformed", "value": raw} for raw in body["events"]
        ]

    def event_id(self, raw: dict[str, Any]) -> str | None:
        return _text(raw.get("webhookEventId")) or None

    def normalise(self, raw: dict[str, Any]) -> Inbound:
        """A LINE event as `Inbound`; unknown types, fields and values never raise, they become `other`."""
        source, message = _object(raw.get("source")), _object(raw.get("message"))
        source_kind = _text(source.get("type")) or "user"
        what = "message" if raw.get("type") in ("message", "postback") else WHATS.get(_text(raw.get("type")), "other")
        return Inbound(
            what=what,
            user_id=_text(source.get("userId")) or None,
            source_kind=source_kind if source_kind in ("user", "group", "room") else "other",
            source_id=_text(source.get(f"{source_kind}Id")) or None,
            kind=_kind(raw, message),
            text=_words(raw, message),
            message_id=_text(message.get("id")) or _text(_object(raw.get("unsend")).get("messageId")) or None,
            reply_token=_text(raw.get("replyToken")) or None,
            occurred_at=from_millis(raw.get("timestamp")),
            standby=raw.get("mode") == "standby",
            redelivered=_object(raw.get("deliveryContext")).get("isRedelivery") is True,
            payload=_payload(raw, message),
        )

    def send(self, parcel: Parcel) -> list[str]:
        """One reply or push call; the SDK's own retries are off, since the outbox retries."""
        messages: list[Message] = [_message(m, parcel.sender_name) for m in parcel.messages]
        try:
            if parcel.reply_token:
                reply = ReplyMessageRequest(replyToken=parcel.reply_token, messages=messages)
                answer = self._api.reply_message(reply, _request_timeout=TIMEOUT)
            else:
                push = PushMessageRequest(to=parcel.recipient.id, messages=messages)
                answer = self._api.push_message(push, x_line_retry_key=parcel.key, _request_timeout=TIMEOUT)
        except ApiException as error:
            return _accepted_before(error, parcel)
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError) as error:
            raise TemporarySendError(f"LINE is not reachable ({type(error).__name__})") from error
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise _transport(error) from error
        return [sent.id for sent in answer.sent_messages]

    def show_loading(self, recipient: Recipient, seconds: int) -> None:
        """The waiting animation, people only; it is an ornament, so a failure is logged and nothing more."""
        if recipient.kind != "user":
            return
        request = ShowLoadingAnimationRequest(chatId=recipient.id, loadingSeconds=seconds)
        try:
            self._api.show_loading_animation(request, _request_timeout=TIMEOUT)
        except (ApiException, urllib3.exceptions.HTTPError, OSError) as error:
            log.info("line.loading_failed", error=type(error).__name__)

    def profile(self, recipient: Recipient) -> Profile:
        """Name and language of a person; empty where LINE does not tell (no friend, blocked, away)."""
        if recipient.kind != "user":
            return Profile()
        try:
            profile = self._api.get_profile(recipient.id, _request_timeout=(1.0, 2.0))
        except (ApiException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            log.info("line.profile_unavailable", error=type(error).__name__)
            return Profile()
        return Profile(name=printable(profile.display_name or ""), language=profile.language or "")

    @cached_property
    def _api(self) -> MessagingApi:
        configuration = Configuration(host=self.api_base, access_token=self.access_token)
        configuration.retries = urllib3.Retry(0, redirect=0)
        return MessagingApi(ApiClient(configuration))


def _signature(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256))


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return printable(value) if isinstance(value, str) else ""


def _kind(raw: dict[str, Any], message: dict[str, Any]) -> Kind:
    if raw.get("type") == "postback":
        return "postback"
    kind = message.get("type")
    return KINDS.get(kind, "unknown") if isinstance(kind, str) else "unknown"


def _words(raw: dict[str, Any], message: dict[str, Any]) -> str:
    postback = _object(raw.get("postback"))
    return _text(message.get("text")) or _text(postback.get("data"))


def _payload(raw: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """What the console shows beside the text; the whole event stays in the inbox row."""
    if raw.get("type") == "postback":
        return {"params": _object(_object(raw.get("postback")).get("params"))}
    keep = (
        "packageId",
        "stickerId",
        "keywords",
        "title",
        "address",
        "latitude",
        "longitude",
        "fileName",
        "fileSize",
        "duration",
        "contentProvider",
        "imageSet",
        "quotedMessageId",
    )
    return {key: message[key] for key in keep if message.get(key) is not None}


def _message(message: Outbound, sender_name: str) -> TextMessage:
    items = [QuickReplyItem(action=MessageAction(label=b.label, text=b.text)) for b in message.buttons]
    return TextMessage(
        text=message.text,
        quickReply=QuickReply(items=items) if items else None,
        sender=Sender(name=sender_name) if sender_name else None,
    )


def _accepted_before(error: ApiException, parcel: Parcel) -> list[str]:
    """409 means that this retry key was taken already: the messages are out. All else is a failure."""
    if error.status == 409 and parcel.reply_token is None:
        return []
    raise _refusal(error, parcel)


def _refusal(error: ApiException, parcel: Parcel) -> SendError:
    status, body = int(error.status or 0), str(error.body or "")
    if status == 400 and parcel.reply_token and "Invalid reply token" in body:
        return ReplyTokenRefused("LINE refused the reply token", status=status)
    if status == 429:
        return TemporarySendError("LINE's limit is reached", status=status, retry_after=_retry_after(error))
    if status >= 500:
        return UnknownOutcome(f"LINE answered {status}", status=status)
    return PermanentSendError(f"LINE refused the message ({status})", status=status)


def _retry_after(error: ApiException) -> float | None:
    value = str((error.headers or {}).get("Retry-After", ""))
    return float(value) if value.isdigit() else None


def _transport(error: Exception) -> SendError:
    """Without a connection nothing was sent; after that, nobody knows."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError):
        return TemporarySendError(f"LINE is not reachable ({type(reason).__name__})")
    return UnknownOutcome(f"no clear answer from LINE ({type(reason).__name__})")
