"""The round picture of somebody who has none: a character and a tint."""

TINTS = ("", "a", "b", "c", "d", "e")


def initial(name: str) -> str:
    """The character in an avatar: of a Chinese name the last but one, else the first letter."""
    name = name.strip()
    if not name:
        return "?"
    chinese = "\u4e00" <= name[0] <= "\u9fff" and len(name) in (3, 4)
    return name[len(name) - 2 if chinese else 0].upper()


def tint(key: int) -> str:
    """One of the avatar tints, always the same for the same person."""
    return TINTS[key % len(TINTS)]
