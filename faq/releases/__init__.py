"""Releases of the understanding made of content staff's sentences: built, judged, activated, rolled back.

The live release is untouched until a better one is complete and somebody activates it.
"""

from faq.releases import watching
from faq.releases.activating import activate, choices
from faq.releases.building import build
from faq.releases.builds import OVER, ask, ask_without, latest, lost, newest
from faq.releases.curve import drawn
from faq.releases.giving_up import give_up, waiting
from faq.releases.lookover import unwritten
from faq.releases.trying import Candidate, candidate, chosen

__all__ = [
    "OVER",
    "Candidate",
    "activate",
    "ask",
    "ask_without",
    "build",
    "candidate",
    "choices",
    "chosen",
    "drawn",
    "give_up",
    "latest",
    "lost",
    "newest",
    "unwritten",
    "waiting",
    "watching",
]
