"""Marketing's pages: the campaigns, who took part in one, and what is written to them."""

from handoff.campaigns import files, register, writing
from handoff.campaigns.routes import blueprint

__all__ = ["blueprint", "files", "register", "writing"]
