"""Changing the working copy: sentences are added, moved to another intent, removed, or as shipped again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot import db, journal
from bot.errors import Refused
from bot.matrix import Policy
from bot.nlu.corpus import Sentence
from faq.models import OwnIntent, SentenceEdit
from faq.training import seed
from faq.training.intents import OF, drafted, make
from faq.training.working import Line, Working

LONGEST = 200  # characters of a sentence: who teaches a letter teaches little
MOST = 200  # sentences at once


@dataclass(frozen=True)
class Left:
    """A sentence that was not added, and why: a translatable sentence with its facts."""

    text: str
    reason: Refused


@dataclass
class Added:
    """What became of the sentences that somebody wrote or pasted."""

    texts: list[str] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def add(session: Session, intent: str, texts: Iterable[str], *, by: int | None) -> Added:
    """Each good sentence becomes an example of the intent; the others are named with what is wrong."""
    require_intent(session, intent)
    db.alone(session)
    working, added = Working.read(session), Added()
    known = dict(working.by_key)
    for text in dict.fromkeys(cleaned for text in texts if (cleaned := " ".join(text.split()))):
        one = seed.sentence(text, intent)
        key = seed.key(one)
        if why := refusal(one, known.get(key), working.policy) or (len(added.texts) >= MOST and _too_many()):
            added.left.append(Left(text, why))
            continue
        known[key] = Line(key, text, intent, "", "", edited=True)
        _put(session, key, text, intent, by)
        added.texts.append(text)
    if added.texts:
        journal.write(session, "sentences.added", user_id=by, intent=intent, count=len(added.texts))
    return added


def move(session: Session, keys: Sequence[str], intent: str, *, out_of: str, by: int | None) -> int:
    """These sentences of an intent are examples of another one from now on."""
    require_intent(session, intent)
    db.alone(session)
    moved = _lines(session, keys, out_of)
    for line in moved:
        _put(session, line.key, line.text, intent, by)
    journal.write(session, "sentences.moved", user_id=by, intent=intent, count=len(moved))
    return len(moved)


def split(session: Session, keys: Sequence[str], title: str, *, out_of: str, by: int | None) -> OwnIntent:
    """These sentences of an intent are examples of a new one, which weighs what theirs does."""
    require_intent(session, out_of)
    db.alone(session)
    if len(_lines(session, keys, out_of)) == len(Working.read(session).of(out_of)):
        raise Refused("全部拆出去，原來的意圖就沒有例句了，至少留一句。").at("key")
    theirs = drafted(session).intents[out_of]
    made = make(session, by=by, **{**{field: getattr(theirs, field) for field in OF}, "title": title})
    move(session, keys, made.name, out_of=out_of, by=by)
    return made


def remove(session: Session, keys: Sequence[str], *, out_of: str, by: int | None) -> int:
    """Nothing is learned from these sentences of an intent any more."""
    db.alone(session)
    removed = _lines(session, keys, out_of)
    for line in removed:
        _put(session, line.key, line.text, "", by)
    journal.write(session, "sentences.removed", user_id=by, count=len(removed))
    return len(removed)


def merge(session: Session, intent: str, into: str, *, by: int | None) -> int:
    """All sentences of an intent become another one's."""
    if intent == into:
        raise Refused("合併的兩個意圖要不一樣。").at("intent")
    keys = [line.key for line in Working.read(session).of(intent)]
    if not keys:
        raise Refused("這個意圖已經沒有例句了。").at("intent")
    return move(session, keys, into, out_of=intent, by=by)


def take_back(session: Session, key: str, *, by: int | None) -> bool:
    """A sentence is as the files have it again; whether it was not."""
    gone = session.scalar(delete(SentenceEdit).where(SentenceEdit.key == key).returning(SentenceEdit.id))
    if gone:
        journal.write(session, "sentences.taken_back", user_id=by, count=1)
    return bool(gone)


def return_to(session: Session, frozen: Iterable[Mapping[str, str]], *, by: int | None) -> int:
    """The edits are these again, and no others; how many were not."""
    db.alone(session)
    wanted = {edit["key"]: edit for edit in frozen}
    edits = session.scalars(select(SentenceEdit)).all()
    gone = [edit.key for edit in edits if edit.key not in wanted]
    session.execute(delete(SentenceEdit).where(SentenceEdit.key.in_(gone)))
    same = {edit.key for edit in edits if edit.key in wanted and edit.intent == wanted[edit.key]["intent"]}
    for key in wanted.keys() - same:
        _put(session, key, wanted[key]["text"], wanted[key]["intent"], by)
    count = len(gone) + len(wanted) - len(same)
    journal.write(session, "sentences.taken_back", user_id=by, count=count)
    return count


def require_intent(session: Session, intent: str) -> None:
    if intent not in drafted(session).intents:
        raise Refused("沒有這個意圖，從清單選一個。").at("intent")


def _lines(session: Session, keys: Sequence[str], intent: str) -> list[Line]:
    """These sentences of an intent; Refused where a colleague was quicker with one of them."""
    working = Working.read(session)
    if not keys:
        raise Refused("先選句子。").at("key")
    found = [working.by_key.get(key) for key in dict.fromkeys(keys)]
    if lost := next((line for line in found if line and line.intent != intent), None):
        title = working.policy.of(lost.intent).title
        raise Refused("「%(text)s」剛被同事搬到「%(title)s」，所以一句都沒有改。", text=lost.text, title=title).at(
            "key"
        )
    if None in found:
        raise Refused("勾選的句子裡有剛被同事移除的，所以一句都沒有改。").at("key")
    return [line for line in found if line]


def refusal(one: Sentence, known: Line | None, policy: Policy) -> Refused | None:
    """Why nobody can learn from a sentence, where it is `known` already or proves what was learned."""
    if len(one.text) > LONGEST:
        return Refused("超過 %(most)s 個字，只留顧客要問的那一句。", most=LONGEST)
    if not any(sign.isalnum() for sign in one.core):
        return Refused("只有符號，教不會什麼。")
    if seed.key(one) in seed.tests():
        return Refused("這句是考題，不能拿來教，換一種說法。")
    if known is None:
        return None
    if known.intent == one.intent:
        return Refused("這個意圖已經有這句了。")
    title = policy.of(known.intent).title
    return Refused("這句已經是「%(title)s」的例句，要改就到那裡搬移。", title=title)


def _too_many() -> Refused:
    return Refused("一次最多加 %(most)s 句，其餘的再加一次。", most=MOST)


def _put(session: Session, key: str, text: str, intent: str, by: int | None) -> None:
    """The edit of a sentence; none is left where that makes it what the files say."""
    edit = session.scalar(select(SentenceEdit).where(SentenceEdit.key == key))
    shipped = seed.by_key().get(key)
    if intent == (shipped.intent if shipped else ""):
        session.execute(delete(SentenceEdit).where(SentenceEdit.key == key))
    elif edit is None:
        session.add(SentenceEdit(key=key, text=text, intent=intent, user_id=by))
    else:
        edit.text, edit.intent, edit.user_id = text, intent, by
