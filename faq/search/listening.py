"""What a question means, if the sentence embedding can be asked here at once.

To try whether it works, and to load it, takes seconds: it is done beside, once a process, and nobody waits for it.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from sqlalchemy.orm import Session

from bot.language import bare
from bot.nlu import embedding, hurry
from bot.nlu.embedding import Floats
from bot.nlu.features import prepare
from faq.search import vectors

HEARD = 32  # characters, the last: each takes half a millisecond, and what is asked stands at the end

Heard = Callable[[], Floats | None]


def listen(session: Session, query: str) -> Heard:
    """Begin to listen to what a question means; who calls what comes back waits for its embedding, and has the time
    until then. None where there is nothing to compare it with, or nobody who could tell.
    """
    if not vectors.known(session) or not _listens():
        return lambda: None
    threads = hurry.threads()  # now: beside the search, which goes on meanwhile, no second core would seem free
    return _ears().submit(hurry.vector, bare(prepare(query))[-HEARD:], threads).result


def wait() -> bool:
    """Whether it works here; whoever has the time waits until that is known."""
    return _tried().result()


def _listens() -> bool:
    trial = _tried()
    return trial.done() and trial.result()


@cache
def _ears() -> ThreadPoolExecutor:
    """Threads in which others listen: one at a time is at work, but what was heard before is known at once."""
    return ThreadPoolExecutor(thread_name_prefix="listening")


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
