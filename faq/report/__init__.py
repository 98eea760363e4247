"""/content/report: how well the bot does, for those who write what it says; each number opens its messages."""

from faq.report import pages
from faq.report.pages import blueprint

__all__ = ["blueprint", "pages"]
