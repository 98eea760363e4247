"""Telling staff what they must act on, and being able to prove it: who was told, when, how, and whether it was seen.

The journal drives it (`reading`), pure rules decide who and how (`rules`, `planning`), rows are written before calls
and outcomes after (`telling`, `post`), detours and backups see to it that somebody knows.
"""

from handoff.notify import jobs as jobs
