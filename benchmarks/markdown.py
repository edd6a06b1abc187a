"""Pieces of Markdown that reports are made of."""

from collections.abc import Iterable, Sequence

from benchmarks.figures import Bar

_WHOLE_FROM = 100


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float) -> str:
    """Three digits, or whole from 100 on."""
    return f"{value:,.0f}" if value >= _WHOLE_FROM else f"{value:.3g}"


def verdicts(bars: Iterable[Bar]) -> str:
    """One line a promise."""
    return "\n".join(
        f"{'kept  ' if bar.kept else 'BROKEN'}  {bar.collection}: {bar.promise}"
        f" (measured {number(bar.measured)})"
        for bar in bars
    )


def replaced_between(document: str, begin: str, end: str, content: str) -> str:
    """The document with this content between its markers."""
    before, _, rest = document.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"
