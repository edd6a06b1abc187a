"""Which rows of a text file were left out, and why."""

_MOST_LINES = 20


class TextLog:
    """Rows by the sentence that says what became of them; the first ones with their lines."""

    def __init__(self) -> None:
        self._lines: dict[str, list[int]] = {}

    def add(self, what: str, line: int) -> None:
        """Note one more row of `what`: "Rows with an empty first field left out"."""
        self._lines.setdefault(what, []).append(line)

    def lines(self) -> tuple[str, ...]:
        return tuple(_sentence(what, lines) for what, lines in self._lines.items())


def _sentence(what: str, lines: list[int]) -> str:
    shown = ", ".join(str(line) for line in lines[:_MOST_LINES])
    more = ", ..." if len(lines) > _MOST_LINES else ""
    word = "line" if len(lines) == 1 else "lines"
    return f"{what}: {len(lines)} ({word} {shown}{more})."
