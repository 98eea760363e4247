"""Where staff are told in stories: a real mail server, a real push service and a chat room, all on loopback."""

import base64
import json
import socket
import threading
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02


@dataclass
class Mailbox:
    """A mail server that keeps what it took; `answers` are given, one a mail, before it takes any.

    Of the first `lost_answers` mails that it takes it does not say so any more.
    """

    mails: list[EmailMessage] = field(default_factory=list)
    answers: deque[str] = field(default_factory=deque)
    lost_answers: int = 0
    port: int = 0

    def start(self) -> "Mailbox":
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port or free_port())
        self._controller.start()
        self.port = self._controller.port
        return self

    def stop(self) -> None:
        """Nobody listens any more; harmless when that is so."""
        if not self._controller.loop.is_closed():
            self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.popleft()
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if len(self.mails) <= self.lost_answers:
            server.transport.abort()
        return "250 OK"


@dataclass
class Browser:
    """A browser that is subscribed: only it can read what is pushed to it."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen secrets!"

    @property
    def keys(self) -> dict[str, str]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"p256dh": _b64(point), "auth": _b64(self.secret)}

    def reads(self, body: bytes) -> dict[str, Any]:
        clear = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        read: dict[str, Any] = json.loads(clear)
        return read


@dataclass
class Endpoint:
    """An HTTP server that keeps path, headers and body; `answers` are statuses given before it takes any."""

    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)
    status: int = 201
    location: str = ""
    port: int = 0

    def start(self) -> "Endpoint":
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = endpoint.answers.popleft() if endpoint.answers else endpoint.status
                if status < 300:
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    endpoint.taken.append((self.path, headers, body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                if endpoint.location:
                    self.send_header("Location", endpoint.location)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.taken]


def is_signed_by(headers: dict[str, str], public_key: str, audience: str) -> bool:
    """Whether a push carries a VAPID token of this key, made out to this push service."""
    token, _, key = headers["authorization"].removeprefix("vapid t=").partition(",k=")
    claims = json.loads(_unb64(token.split(".")[1]))
    return Vapid02.verify(headers["authorization"]) and key == public_key and claims["aud"] == audience


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
