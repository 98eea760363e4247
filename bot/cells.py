"""Cells of a table for a spreadsheet. Customers wrote some of it, so none may begin as a formula does."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
QUOTE = "'"


def harmless(cell: object) -> str:
    """A cell as text: what a spreadsheet would run is quoted."""
    text = str(cell)
    return f"{QUOTE}{text}" if _runs(text) else text


def meant(cell: str) -> str:
    """What was a cell before it was made harmless."""
    return cell[1:] if cell.startswith(QUOTE) and _runs(cell) else cell


def _runs(text: str) -> bool:
    """Whether it is a formula, or a quoted one."""
    bare = text.lstrip(QUOTE)
    return bare.startswith(FORMULA) or bare.lstrip(" \u3000").startswith(FORMULA)
