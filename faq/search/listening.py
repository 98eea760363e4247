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
    """The embedding of a question; None where there is nothing to compare it with, or nobody who could tell.

    Who tells a story is compared by its words: each character takes half a millisecond.
    """
    if len(query) > LONGEST or not vectors.shelf(session).known or not _listens():
        return None
    return embedding.vector(bare(prepare(query)))


def wait() -> bool:
    """Whether it works here; whoever has the time waits until that is known."""
    return _tried().result()


def _listens() -> bool:
    trial = _tried()
    return trial.done() and trial.result()


@cache
def _tried() -> "Future[bool]":
    beside = ThreadPoolExecutor(1, thread_name_prefix="embedding")
    trial = beside.submit(_try)
    beside.shutdown(wait=False)
    return trial


def _try() -> bool:
    if embedding.trouble():
        return False
    embedding.vector("?")
    return True
