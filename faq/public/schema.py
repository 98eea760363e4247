"""The articles in schema.org's words, for whoever lists pages."""

from typing import Any

from faq import pages
from faq.models import Article


def question(article: Article, language: str) -> dict[str, Any]:
    """A page of one question and its answer."""
    return {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "inLanguage": article.language or language,
        "dateModified": article.updated_at.isoformat(),
        "mainEntity": [
            {
                "@type": "Question",
                "name": pages.heading(article),
                "acceptedAnswer": {"@type": "Answer", "text": str(pages.html(article))},
            }
        ],
    }
