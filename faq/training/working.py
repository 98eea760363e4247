"""The working copy: every sentence as it would be learned from now, and what differs from the shipped files."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.language import detect
from bot.matrix import Policy
from bot.nlu.corpus import Sentence
from bot.nlu.training_data import Example
from faq.models import SentenceEdit
from faq.training import intents, seed

EDITED = "zh-TW/edited"  # where the sentences of staff would stand, if they stood in a file


@dataclass(frozen=True)
class Line:
    """A sentence and its intent, none where it was removed; `was` is the shipped intent, empty where staff wrote it."""

    key: str
    text: str
    intent: str
    language: str
    was: str
    edited: bool = False

    @property
    def change(self) -> str:
        """What staff made of it: nothing, or added, moved, removed."""
        if not self.edited:
            return ""
        return ("moved" if self.was else "added") if self.intent else "removed"


@dataclass(frozen=True)
class Working:
    """All lines: those of the files in their order, then those that staff edited; and the intents that there are."""

    lines: Sequence[Line]
    edits: Sequence[Line]
    policy: Policy
    own: Sequence[dict[str, str]] = ()

    @classmethod
    def read(cls, session: Session) -> "Working":
        edits = session.scalars(select(SentenceEdit).order_by(SentenceEdit.id)).all()
        edited = {edit.key for edit in edits}
        kept = [_shipped(key, one) for key, one in seed.sentences() if key not in edited]
        changed = [_edited(edit) for edit in edits]
        made = [intents.row(one) for one in intents.own(session)]
        return cls((*kept, *(line for line in changed if line.intent)), changed, intents.drafted(session), made)

    @cached_property
    def by_key(self) -> Mapping[str, Line]:
        return {line.key: line for line in self.lines}

    @cached_property
    def counts(self) -> Counter[str]:
        """How many sentences each intent has."""
        return Counter(line.intent for line in self.lines)

    @property
    def digest(self) -> str:
        """Names what staff made of the files, so that later edits show."""
        made = sorted((line.key, line.intent) for line in self.edits)
        return hashlib.sha256(json.dumps(made).encode()).hexdigest()

    @property
    def new_intents(self) -> list[dict[str, str]]:
        """The intents of staff that have sentences: those that a release of this can understand."""
        return [row for row in self.own if self.counts[row["name"]]]

    @property
    def frozen(self) -> list[dict[str, str]]:
        """What staff made of the files, to be kept with what is learned from it."""
        return [{"key": line.key, "text": line.text, "intent": line.intent} for line in self.edits]

    def of(self, intent: str) -> list[Line]:
        """The sentences of an intent, those that were edited last first."""
        return sorted(
            (line for line in reversed(self.lines) if line.intent == intent), key=lambda line: not line.edited
        )

    def examples(self) -> list[Example]:
        """What is learned from, each sentence once."""
        return list(dict.fromkeys(Example(line.text, line.intent) for line in self.lines))

    def sentences(self) -> Iterator[Sentence]:
        """As they are looked over before a training; what staff wrote stands in no file."""
        edited = {line.key for line in self.edits}
        yield from (one for key, one in seed.sentences() if key not in edited)
        yield from (seed.sentence(line.text, line.intent, EDITED) for line in self.edits if line.intent)


def _shipped(key: str, one: Sentence) -> Line:
    return Line(key, one.text, one.intent, one.language, one.intent)


def _edited(edit: SentenceEdit) -> Line:
    was = seed.by_key().get(edit.key)
    return Line(edit.key, edit.text, edit.intent, detect(edit.text), was.intent if was else "", edited=True)
