"""Small real implementations that stand in for the outside: a LINE platform that records and can be told to fail."""

import contextlib
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

HANG_UP = "hang up"
Answer = tuple[int, dict[str, Any] | bytes] | str


@dataclass
class Call:
    """One request that the platform saw."""

    path: str
    body: dict[str, Any]
    retry_key: str | None
    bearer: str = ""
    method: str = "POST"

    @property
    def texts(self) -> list[str]:
        return [_words(message) for message in self.body.get("messages", [])]


@dataclass
class FakePlatform:
    """A platform's API on loopback, with troubles in the order given.

    A trouble is (status, body) to answer, or HANG_UP, and takes no message; an `outage` is one without an end;
    `lost_answers` messages are taken and then the connection breaks. `retry_after` goes out with every 429 and 5xx.
    """

    profiles: dict[str, str] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    troubles: deque[Answer] = field(default_factory=deque)
    outage: Answer | None = None
    lost_answers: int = 0
    retry_after: str = ""
    connections: set[socket.socket] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, port: int = 0) -> Self:
        fake = self

        class Handler(_Handler):
            platform = fake

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Nobody listens any more, and who was connected is cut off."""
        self.server.shutdown()
        self.server.server_close()
        with self.lock:
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def comes_back(self) -> None:
        """Listen again at the same address."""
        self.start(self.server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def take(self, call: Call) -> Answer:
        raise NotImplementedError


@dataclass
class FakeLine(FakePlatform):
    """LINE's Messaging API on loopback: its limits, one-use reply tokens, retry keys.

    `quota` limits the pushes, of which `pushed` are used; where LINE `refuses_pushes`, its figures do not show yet
    that they are. `bots` are the accounts by their tokens; `webhook` is the address that all of them call, where one
    is set, and `reached` whether it answers. `contents` are customers' files by their messages' ids, or what the
    content API answers instead, in turn. `audiences` are their names and users, by id; `lost_audiences` are made, and
    then the connection breaks. `menus` are rich menus by id, of which `everybodys` is the default and `own_menus` are
    those of users; `lost_menus` likewise.
    """

    quota: int | None = None
    pushed: int = 0
    refuses_pushes: bool = False
    bots: dict[str, tuple[str, str]] = field(default_factory=dict)
    webhook: str = ""
    reached: bool = True
    contents: dict[str, deque[Answer]] = field(default_factory=dict)
    audiences: dict[int, tuple[str, set[str]]] = field(default_factory=dict)
    lost_audiences: int = 0
    menus: dict[str, dict[str, Any]] = field(default_factory=dict)
    everybodys: str = ""
    own_menus: dict[str, str] = field(default_factory=dict)
    lost_menus: int = 0
    used_tokens: set[str] = field(default_factory=set)
    used_keys: set[str] = field(default_factory=set)
    arrived: list[tuple[str, str]] = field(default_factory=list)

    @property
    def said(self) -> list[str]:
        """Every text that reached the customer, in order."""
        return [text for _, text in self.arrived]

    def sends(self) -> list[Call]:
        return [call for call in self.calls if call.path.endswith(("/reply", "/push"))]

    def take(self, call: Call) -> Answer:
        with self.lock:
            self.calls.append(call)
            if not call.bearer:
                return 401, {"message": "Authentication failed due to the expired or missing access token"}
            return self.outage or self._answer(call)

    def _answer(self, call: Call) -> Answer:
        if call.path == "/v2/bot/info" or call.path.startswith("/v2/bot/channel/webhook"):
            return self._account(call)
        if call.path.startswith("/v2/bot/profile/"):
            return self._profile(call.path.rsplit("/", 1)[1])
        if call.path.startswith("/v2/bot/message/quota"):
            return self._quota(call.path)
        if call.path.startswith("/v2/bot/audienceGroup"):
            return self.troubles.popleft() if self.troubles else self._audience(call)
        if "/richmenu" in call.path:
            return self.troubles.popleft() if self.troubles else self._menu(call)
        if call.path.endswith("/content"):
            return self._content(call.path.split("/")[-2])
        if not call.path.endswith(("/reply", "/push")):
            return 202, {}
        if wrong := list(_wrong(call)):
            return 400, {"message": f"The request body has {len(wrong)} error(s)", "details": wrong}
        return self.troubles.popleft() if self.troubles else self._message(call)

    def _account(self, call: Call) -> Answer:
        if call.bearer not in self.bots:
            return 401, {"message": "Authentication failed due to the expired or missing access token"}
        user, name = self.bots[call.bearer]
        if call.path == "/v2/bot/info":
            named = {"userId": user, "displayName": name, "basicId": f"@{user[:5]}"}
            return 200, named | {"chatMode": "bot", "markAsReadMode": "auto"}
        if not self.webhook:
            return 404, {"message": "Not found"}
        if call.path.endswith("/endpoint"):
            return 200, {"endpoint": self.webhook, "active": True}
        how = (True, 200, "OK") if self.reached else (False, 0, "COULD_NOT_CONNECT")
        told = dict(zip(("success", "statusCode", "reason"), how, strict=True))
        return 200, told | {"timestamp": "2026-11-22T06:00:00.000Z", "detail": ""}

    def _profile(self, user: str) -> Answer:
        name = self.profiles.get(user)
        return (200, {"displayName": name, "userId": user}) if name else (404, {"message": "Not found"})

    def holds(self, message: str, *answers: Answer) -> None:
        """What the content API answers about a message, in turn; the last answer stays."""
        self.contents[message] = deque(answers)

    def _content(self, message: str) -> Answer:
        answers = self.contents.get(message)
        if not answers:
            return 404, {"message": "Not found"}
        return answers.popleft() if len(answers) > 1 else answers[0]

    def _audience(self, call: Call) -> Answer:
        users = {one["id"] for one in call.body.get("audiences") or ()}
        if call.method == "DELETE":
            return (202, {}) if self.audiences.pop(int(call.path.rsplit("/", 1)[1]), None) else (404, {})
        if call.method == "PUT" and call.body["audienceGroupId"] not in self.audiences:
            return 400, {"message": "Not found"}
        if call.method == "PUT":
            self.audiences[call.body["audienceGroupId"]][1].update(users)
            return 202, {}
        if call.method == "GET":
            known = [{"audienceGroupId": id_, "description": name} for id_, (name, _) in self.audiences.items()]
            return 200, {"audienceGroups": known, "hasNextPage": False, "totalCount": len(known), "page": 1, "size": 40}
        made = 4_389_303_728_990 + len(self.calls)
        self.audiences[made] = call.body["description"], users
        if self.lost_audiences:
            self.lost_audiences -= 1
            return HANG_UP
        return 202, {"audienceGroupId": made, "description": call.body["description"], "created": 1_790_000_000}

    def _menu(self, call: Call) -> Answer:
        match call.method, call.path.removeprefix("/v2/bot/").split("/"):
            case "POST", ["richmenu"]:
                return self._new_menu(call.body)
            case "GET", ["richmenu", "list"]:
                return 200, {"richmenus": [{"richMenuId": name, **body} for name, body in self.menus.items()]}
            case "POST", ["richmenu", name, "content"]:
                self.menus[name]["picture"] = call.body["bytes"]
            case "POST", ["user", "all", "richmenu", name]:
                self.everybodys = name
            case "POST", ["user", user, "richmenu", name]:
                self.own_menus[user] = name
            case "DELETE", ["user", user, "richmenu"]:
                self.own_menus.pop(user, None)
            case "DELETE", ["richmenu", name]:
                return (200, {}) if self.menus.pop(name, None) else (404, {"message": "Not found"})
        return 200, {}

    def _new_menu(self, body: dict[str, Any]) -> Answer:
        wrong = len(body["chatBarText"]) > 14 or not 800 <= body["size"]["width"] <= 2500 or len(body["areas"]) > 20
        if wrong:
            return 400, {"message": "The request body has an error"}
        name = f"richmenu-{len(self.calls):032x}"
        self.menus[name] = body
        if self.lost_menus:
            self.lost_menus -= 1
            return HANG_UP
        return 200, {"richMenuId": name}

    def _quota(self, path: str) -> Answer:
        if path.endswith("/consumption"):
            return 200, {"totalUsage": self.pushed}
        return 200, {"type": "none"} if self.quota is None else {"type": "limited", "value": self.quota}

    def _message(self, call: Call) -> Answer:
        token, key = call.body.get("replyToken"), call.retry_key
        if token in self.used_tokens:
            return 400, {"message": "Invalid reply token"}
        if key in self.used_keys:
            return 409, {"message": "The retry key is already accepted", "sentMessages": []}
        if token is None and (self.refuses_pushes or (self.quota is not None and self.pushed >= self.quota)):
            return 429, {"message": "You have reached your monthly limit."}
        self.pushed += token is None
        self.used_tokens.update(filter(None, [token]))
        self.used_keys.update(filter(None, [key]))
        self.arrived += [
            (message.get("sender", {}).get("name", ""), _words(message)) for message in call.body["messages"]
        ]
        if self.lost_answers:
            self.lost_answers -= 1
            return HANG_UP
        return 200, {"sentMessages": [{"id": str(time.monotonic_ns())} for _ in call.body["messages"]]}


def _words(message: dict[str, Any]) -> str:
    """What a message says, or a card where cards are not drawn."""
    return str(message.get("text") or message.get("altText") or "")


def _wrong(call: Call) -> Iterator[dict[str, str]]:
    """What LINE has against a call, before it looks at token or key."""
    messages = call.body.get("messages", [])
    if not 1 <= len(messages) <= 5:
        yield {"property": "messages", "message": "Size must be between 1 and 5"}
    if call.retry_key and call.path.endswith("/reply"):
        yield {"property": "X-Line-Retry-Key", "message": "Not allowed here"}
    for message in messages:
        yield from _wrong_message(message)


def _wrong_message(message: dict[str, Any]) -> Iterator[dict[str, str]]:
    items = message.get("quickReply", {}).get("items", [])
    wrong = {"image": _wrong_media, "video": _wrong_media, "flex": _wrong_card}.get(message["type"], _wrong_text)
    yield from wrong(message)
    if len(message.get("sender", {}).get("name", "")) > 20:
        yield {"property": "sender/name", "message": "Length must be between 0 and 20"}
    if len(items) > 13:
        yield {"property": "quickReply/items", "message": "Size must be between 1 and 13"}
    if any(not 1 <= len(item["action"]["label"]) <= 20 for item in items):
        yield {"property": "quickReply/items/action/label", "message": "Length must be between 1 and 20"}


def _wrong_card(message: dict[str, Any]) -> Iterator[dict[str, str]]:
    if not 1 <= _utf16(message["altText"]) <= 1500:
        yield {"property": "altText", "message": "Length must be between 1 and 1500"}
    if len(json.dumps(message["contents"], ensure_ascii=False).encode()) > 30_000:
        yield {"property": "contents", "message": "Size must be at most 30 KB"}


def _wrong_text(message: dict[str, Any]) -> Iterator[dict[str, str]]:
    text = message["text"]
    if not text.strip():
        yield {"property": "text", "message": "May not be empty"}
    if _utf16(text) > 5000:
        yield {"property": "text", "message": "Length must be between 0 and 5000"}


def _wrong_media(message: dict[str, Any]) -> Iterator[dict[str, str]]:
    for name in ("originalContentUrl", "previewImageUrl"):
        if not message.get(name, "").startswith("https://") or len(message[name]) > 2000:
            yield {"property": name, "message": "Must be a valid HTTPS URL"}


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class _Handler(BaseHTTPRequestHandler):
    platform: FakePlatform
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        with self.platform.lock:
            self.platform.connections.add(self.connection)

    def finish(self) -> None:
        with self.platform.lock:
            self.platform.connections.discard(self.connection)
        super().finish()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        is_picture = self.headers.get("Content-Type", "").startswith("image/")
        self._answer({"bytes": body} if is_picture else json.loads(body or b"{}"))

    def do_GET(self) -> None:
        self._answer({})

    do_PUT, do_DELETE = do_POST, do_GET

    def _answer(self, sent: dict[str, Any]) -> None:
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer").strip()
        answer = self.platform.take(Call(self.path, sent, self.headers.get("X-Line-Retry-Key"), bearer, self.command))
        if isinstance(answer, str):
            self.close_connection = True
            self.connection.close()
            return
        status, body = answer
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if (status == 429 or status >= 500) and self.platform.retry_after:
            self.send_header("Retry-After", self.platform.retry_after)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Quiet."""
