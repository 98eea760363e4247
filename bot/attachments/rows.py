"""The rows of files: begun with their message, taken up by one worker at a time, brought to rest, taken back."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot import conversations, journal, services
from bot.attachments.looking import Look
from bot.broker import FILES, JOB_TIMEOUT
from bot.clock import after, now
from bot.errors import Refused
from bot.models import Attachment, Message

KINDS = ("image", "video", "audio", "file")
OPEN = ("queued", "preparing", "fetching", "removing")
DEADLY = 5  # tries that nobody came back from
LEASE = JOB_TIMEOUT[FILES] + 10.0  # seconds; whoever has not come back by then is dead
PAUSES = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 3600)  # three hours, then a person decides


@dataclass(frozen=True)
class Claim:
    """A file that this process works on; `attempts` proves that nobody took it over since."""

    id: int
    conversation_id: int
    attempts: int
    key: str
    channel: str
    account: str
    file: str
    leaving: bool

    @property
    def names(self) -> tuple[str, str]:
        """The file and its small copy, in the store."""
        return self.key, small_copy(self.key)


def small_copy(key: str) -> str:
    return f"{key}.jpg"


def expect(message: Message) -> None:
    """A customer's message that brings a file gets its row, in the same transaction."""
    if message.kind not in KINDS:
        return
    message.attachment = Attachment(
        conversation_id=message.conversation_id,
        external_id=message.external_id,
        address=str(message.payload.get("lies_at") or "") or None,
        kind=message.kind,
        name=str(message.payload.get("fileName") or "")[:200],
    )
    if _lies_elsewhere(message) or not message.external_id:
        message.attachment.state, message.attachment.reason = "refused", "elsewhere"


def _lies_elsewhere(message: Message) -> bool:
    """A web page of somebody's put it into the chat: the platform does not have it, and we call no such address."""
    provider = message.payload.get("contentProvider")
    return isinstance(provider, dict) and provider.get("type") == "external"


def forget(session: Session, message: Message) -> None:
    """The message was taken back: its file goes, also one that is on its way here."""
    if message.kind not in KINDS:
        return
    session.flush()  # it may be as new as its end
    found = session.scalar(select(Attachment).where(Attachment.message_id == message.id).with_for_update())
    if found is not None:
        leave(found)


def leave(attachment: Attachment) -> None:
    """It is shown no longer from now on, and removed as soon as nobody can be writing it any more."""
    if attachment.state != "fetching":
        attachment.due_at = now()
    attachment.address = None
    attachment.state, attachment.name, attachment.wake_at = "removing", "", attachment.due_at


def retry(session: Session, attachment_id: int, user_id: int) -> Attachment:
    """Somebody has a file that was given up tried once more."""
    known = session.get(Attachment, attachment_id)
    row = _locked(session, known.conversation_id, attachment_id) if known is not None else None
    if row is None or row.state != "failed":
        raise Refused("這個檔案的狀態已改變，請重新整理後再試。")
    row.state, row.reason, row.attempts = "queued", "", 0
    row.due_at = row.wake_at = now()
    tell(session, row, "attachment.retried", user_id)
    return row


def claim(session: Session, attachment_id: int) -> Claim | None:
    """Take a file up, unless somebody has it, or nothing is to be done. Each try is counted, also a deadly one."""
    row = session.get(Attachment, attachment_id, with_for_update=True)
    if row is None or row.state not in OPEN or row.due_at > now():
        return None
    if row.state == "fetching" and row.attempts >= DEADLY:
        row.state, row.reason = "failed", "broken"
        return None
    leaving = row.state == "removing" or row.user_id is not None  # an upload that broke off comes back under a new row
    row.state = "removing" if leaving else "fetching"
    row.attempts, row.due_at, row.wake_at = row.attempts + 1, after(LEASE), after(LEASE)
    ours = row.conversation.account
    where = row.conversation_id, row.attempts, row.key, ours.channel, ours.external_id
    return Claim(row.id, *where, row.address or row.external_id or "", leaving)


def stored(session: Session, claim: Claim, seen: Look, size: int) -> bool:
    """It lies in the store. False: it was taken back meanwhile, or another works on it now."""
    row = _mine(session, claim)
    if row is None:
        return False
    describe(row, seen, size)
    tell(session, row, "attachment.stored")
    return True


def describe(row: Attachment, seen: Look, size: int) -> None:
    """What is known of a file that we have."""
    row.state, row.reason, row.type, row.shown, row.size = "stored", "", seen.type, seen.shown, size
    if seen.picture is not None:
        row.thumbnail, row.width, row.height = True, seen.picture.width, seen.picture.height


def refused(session: Session, claim: Claim, reason: str) -> None:
    """There is nothing that we would keep, and trying again would not change that."""
    if (row := _mine(session, claim)) is not None:
        row.state, row.reason = "refused", reason
        tell(session, row, "attachment.refused", reason=reason)
        if row.message_id is not None:
            services.current().wiring.desk.file_refused(session, row.message_id)


def postponed(session: Session, claim: Claim, state: str, reason: str, retry_after: float | None) -> None:
    """Not now. After the last pause it rests until a person has it tried again."""
    row = _mine(session, claim)
    if row is None:
        return
    row.reason = reason
    if claim.attempts > len(PAUSES):
        row.state = "failed"
        tell(session, row, "attachment.failed", reason=reason)
        return
    row.state = state
    row.due_at = row.wake_at = after(max(PAUSES[claim.attempts - 1], min(retry_after or 0.0, PAUSES[-1])))
    if claim.attempts == 1:
        tell(session, row, "attachment.waits", reason=reason)


def removed(session: Session, claim: Claim) -> None:
    """It lies nowhere any more."""
    gone = update(Attachment).where(Attachment.id == claim.id, Attachment.state == "removing")
    session.execute(gone.values(state="removed", type="", shown="", size=0, thumbnail=False))


def _mine(session: Session, claim: Claim) -> Attachment | None:
    """The row, if this process still works on it. What was taken back meanwhile may be removed from now on."""
    row = _locked(session, claim.conversation_id, claim.id)
    if row is None or row.attempts != claim.attempts:
        return None
    if row.state == "removing":
        row.due_at = row.wake_at = now()
    return row if row.state == "fetching" else None


def _locked(session: Session, conversation_id: int, attachment_id: int) -> Attachment | None:
    """The row as it is now; behind its conversation's lock, as everybody who takes both."""
    conversations.hold(session, [conversation_id])
    return session.get(Attachment, attachment_id, with_for_update=True, populate_existing=True)


def tell(session: Session, row: Attachment, kind: str, user_id: int | None = None, reason: str = "") -> None:
    """Write it down, and have the consoles look."""
    services.current().broker.wake_after_commit(session)
    journal.write(
        session,
        kind,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        user_id=user_id,
        attachment_id=row.id,
        reason=reason,
    )
