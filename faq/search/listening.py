"""What a question means, if the sentence embedding can be asked here at once.

To try whether it works, and to load it, takes seconds: it is done beside, once a process, and nobody waits for it.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from sqlalchemy.orm import Session

from bot.language import bare
from bot.nlu import embedding
from bot.nlu.embedding import Floats
from bot.nlu.features import prepare
from faq.search import vectors

LONGEST = 80  # characters


def meant(session: Session, query: str) -> Floats | None:
    """The embedding of a question; None where there is nothing to compare it with, or nobody who could tell."""
    begun = begin(session, query)
    return begun.result() if begun else None


def begin(session: Session, query: str) -> "Future[Floats] | None":
    """The same for who asks something else meanwhile: the embedding needs a core, and no Python.

    Who tells a story is compared by its words: each character takes half a millisecond.
    """
    if len(query) > LONGEST or not vectors.shelf(session).known or not _listens():
        return None
    return _beside().submit(_hear, query)


def wait() -> bool:
    """Whether it works here; whoever has the time waits until that is known."""
    return _tried().result()


def _listens() -> bool:
    trial = _tried()
    return trial.done() and trial.result()


@cache
def _tried() -> "Future[bool]":
    return _beside().submit(_try)


@cache
def _beside() -> ThreadPoolExecutor:
    """One thread, since the engine does one at a time."""
    return ThreadPoolExecutor(1, thread_name_prefix="embedding")


def _try() -> bool:
    if embedding.trouble():
        return False
    embedding.vector("?")
    return True


def _hear(query: str) -> Floats:
    return embedding.vector(bare(prepare(query)))
