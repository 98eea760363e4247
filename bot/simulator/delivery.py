"""Delivers the phone's events to the bot's webhook as LINE does: signed, in order, until taken (2xx)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import requests
import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot import clock, db
from bot.settings import Settings
from bot.simulator import calls, events, store
from bot.simulator.credentials import demo_credentials
from bot.simulator.store import Delivery

log = structlog.get_logger()

LOOK_EVERY = 0.1  # seconds; the phone writes into the same file from another process
TIMEOUT = (1.0, 2.0)  # LINE waits two seconds for an answer
TOKEN_SECONDS = 60
PAUSES = (1, 2, 4, 8, 15, 30, 60)
GIVE_UP_AFTER = timedelta(minutes=10)
LANES = 4


class Courier:
    """Takes waiting events to the webhook; each customer's in order, different customers' side by side."""

    def __init__(self, settings: Settings, timeout: tuple[float, float] = TIMEOUT) -> None:
        self.timeout = timeout
        self.sessions = store.opened(settings)
        self.secret, _ = demo_credentials(settings)
        self.url = f"http://127.0.0.1:{settings.port}/webhooks/line"
        self.lanes = ThreadPoolExecutor(LANES, thread_name_prefix="courier")

    def run(self, stop: threading.Event) -> None:
        """Deliver until `stop` is set."""
        while not stop.is_set():
            try:
                self.deliver_due()
            except OperationalError:
                log.exception("simulator.store_busy")
            stop.wait(LOOK_EVERY)
        self.lanes.shutdown()

    def deliver_due(self) -> int:
        """Try every customer's oldest waiting event that is due; tells how many were tried."""
        due = self._due()
        list(self.lanes.map(self._deliver, due))
        return len(due)

    def _due(self) -> list[int]:
        """Only the oldest counts: while it waits for its next try, those behind it wait too."""
        waiting = Delivery.state == "waiting"
        oldest = select(func.min(Delivery.id)).where(waiting).group_by(Delivery.customer_id)
        with db.reading(self.sessions) as session:
            due = select(Delivery.id).where(Delivery.id.in_(oldest), Delivery.due_at <= clock.now())
            return list(session.scalars(due))

    def _deliver(self, delivery_id: int) -> None:
        with self.sessions.begin() as session:
            delivery = session.get_one(Delivery, delivery_id)
            delivery.attempts += 1
            delivery.posted_at = clock.now()
            delivery.token_until = clock.after(TOKEN_SECONDS)
            raw = events.body(delivery.event, redelivery=delivery.attempts > 1)
        answer = self._post(raw)
        with self.sessions.begin() as session:
            _settle(session.get_one(Delivery, delivery_id), answer)
            if answer == "2xx":
                calls.read(session, session.get_one(Delivery, delivery_id))

    def _post(self, raw: bytes) -> str:
        """What the webhook answered, in the words of LINE's error statistics."""
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "LineBotWebhook/2.0",
            "x-line-signature": events.signature(self.secret, raw),
        }
        try:
            answered = requests.post(self.url, data=raw, headers=headers, timeout=self.timeout, allow_redirects=False)
        except requests.ReadTimeout:
            return "request_timeout"
        except requests.RequestException:
            return "could_not_connect"
        return "2xx" if answered.ok and answered.status_code < 300 else f"error_status_code {answered.status_code}"


def _settle(delivery: Delivery, answer: str) -> None:
    delivery.answer = answer
    if answer == "2xx":
        delivery.state = "done"
        return
    log.warning("simulator.webhook_refused", event_id=delivery.event_id, answer=answer, attempts=delivery.attempts)
    if delivery.created_at < clock.now() - GIVE_UP_AFTER:
        delivery.state = "given_up"
    delivery.due_at = clock.after(PAUSES[min(delivery.attempts, len(PAUSES)) - 1])
