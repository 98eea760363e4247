"""Writes nlu_data/embeddings.npz: an embedding of each shipped sentence, so that nobody who trains makes them again.

Run it after sentences were changed (`make embeddings`); a test names those that were forgotten. What the file holds
already stays as it is, what no sentence needs any more goes.
"""

from bot.language import bare
from bot.nlu import precomputed, shipped
from bot.nlu.policy import load
from bot.nlu.training import learned_from


def main() -> None:
    texts = wanted()
    precomputed.save(precomputed.Precomputed.of(texts, precomputed.vectors(texts)))
    print(f"{precomputed.FILE.name}: {len(texts)} texts")


def wanted() -> list[str]:
    """What a training on the shipped files embeds."""
    learned = learned_from([example.text for example in shipped.examples()], sorted(load()[0].intents))
    return sorted({bare(text) for text in learned})


if __name__ == "__main__":
    main()
