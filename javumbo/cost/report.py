"""The prediction, put together; and as text, Markdown and JSON."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from javumbo.cost import mix
from javumbo.cost.actual import ActualBill
from javumbo.cost.alternatives import WholeFileMonth, of_containers, of_one_machine
from javumbo.cost.bill import Bill, bill
from javumbo.cost.measured import Measured
from javumbo.cost.month import Line, Month
from javumbo.cost.plan import Habits, Plan
from javumbo.cost.prices import FreeTier, PriceList

SCALE = (100, 500, 2_000, 10_000, 100_000)

Table = tuple[Sequence[str], Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Scaled:
    """What a month of so many people costs in each way, in dollars."""

    users: int
    usd: float
    list_usd: float
    whole_file_usd: float
    one_machine_usd: float
    containers_usd: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """A month of `users`: its bill, and the same for more people and in other ways."""

    users: int
    requests: float
    plan: Plan
    prices_as_of: str
    free_tier: FreeTier
    bill: Bill
    scaled: list[Scaled]

    @property
    def usd(self) -> float:
        return self.bill.usd


@dataclass(frozen=True, slots=True)
class Question:
    """Whom to predict for, on what, and at which prices."""

    users: int
    plan: Plan
    habits: Habits
    measured: Measured
    prices: PriceList
    free_tier: FreeTier = FreeTier.ALWAYS


def predict(question: Question, scale: Iterable[int] = SCALE) -> Prediction:
    """The month, and what it would be at another scale.

    Raises ConfigurationError for a region without prices.
    """
    month = Month(question.users, question.measured, question.plan, question.habits)
    return Prediction(
        users=question.users,
        requests=month.requests,
        plan=question.plan,
        prices_as_of=question.prices.as_of,
        free_tier=question.free_tier,
        bill=_billed(question, month.lines(), question.free_tier),
        scaled=[_scaled(question, users) for users in scale],
    )


def _scaled(question: Question, users: int) -> Scaled:
    asked = (users, question.measured, question.plan, question.habits)

    def usd(lines: Iterable[Line], tier: FreeTier = question.free_tier) -> float:
        return _billed(question, lines, tier).usd

    return Scaled(
        users=users,
        usd=usd(Month(*asked).lines()),
        list_usd=usd(Month(*asked).lines(), FreeTier.NONE),
        whole_file_usd=usd(WholeFileMonth(*asked).lines()),
        one_machine_usd=usd(of_one_machine(users, question.measured, question.habits)),
        containers_usd=usd(of_containers(*asked)),
    )


def _billed(question: Question, lines: Iterable[Line], tier: FreeTier) -> Bill:
    prices = question.prices
    return bill(lines, prices.of(question.plan.region), prices.free(tier))


def by_component(prediction: Prediction, actual: ActualBill | None = None) -> Table:
    """What each service costs; beside it, where it is known, what was billed."""
    header = ["service", "as listed", f"free tier: {prediction.free_tier}"]
    share = actual.share if actual else 0
    if actual:
        header += [f"by now ({share:.0%} of the month)", "billed"]
    components = prediction.bill.by_component()
    unforeseen = dict.fromkeys(actual.by_component if actual else (), (0.0, 0.0))
    rows = []
    for name, (listed, due) in (unforeseen | components).items():
        billed = _now(due, share, actual.by_component.get(name, 0)) if actual else []
        rows.append([name, dollars(listed), dollars(due), *billed])
    total = _now(prediction.usd, share, actual.usd) if actual else []
    last = ["all", dollars(prediction.bill.list_usd), dollars(prediction.usd), *total]
    return header, [*rows, last]


def _now(due: float, share: float, billed: float) -> list[str]:
    return [dollars(due * share), dollars(billed)]


def by_line(prediction: Prediction) -> Table:
    """What is used, and what for: whatever makes at least a tenth of a cent as listed."""
    charges = sorted(prediction.bill.charges, key=lambda charge: -charge.list_usd)
    rows = [
        [
            charge.item,
            charge.purpose,
            amount(charge.quantity),
            dollars(charge.list_usd),
            dollars(charge.usd),
        ]
        for charge in charges
        if charge.list_usd >= 0.001  # noqa: PLR2004
    ]
    return ["item", "for", "how much", "as listed", "due"], rows


def by_scale(prediction: Prediction) -> Table:
    """More people, and other ways to serve them."""
    header = ["people", "a month", "each", "as listed", "whole files", "a machine", "containers"]
    return header, [
        [
            f"{one.users:,}",
            dollars(one.usd),
            dollars(one.usd / one.users),
            dollars(one.list_usd),
            dollars(one.whole_file_usd),
            dollars(one.one_machine_usd),
            dollars(one.containers_usd),
        ]
        for one in prediction.scaled
    ]


def by_operation(measured: Measured) -> Table:
    """The mix of requests, and what each asks for."""
    header = ["operation", "of 100 people", "processor", "write units", "read units", "S3"]
    rows = []
    for name, count in mix.OF_100_USERS.items():
        one = measured.operations[name]
        s3 = one.s3_reads + one.s3_writes
        units = (f"{one.write_units:.2f}", f"{one.read_units:.2f}")
        rows.append([name, f"{count:,}", f"{one.cpu_ms.p50:.1f} ms", *units, f"{s3:g}"])
    return header, rows


def dollars(usd: float) -> str:
    """Whole from 100 on, cents from one dollar on, below as many digits as say something."""
    if usd >= 100:  # noqa: PLR2004
        return f"${usd:,.0f}"
    return f"${usd:,.2f}" if usd >= 1 else f"${usd:.4f}".rstrip("0").rstrip(".")


def amount(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity >= 100 else f"{quantity:.3g}"  # noqa: PLR2004


def as_text(table: Table) -> str:
    """Columns of one width each, the first two to the left."""
    header, rows = table
    widths = [max(len(row[n]) for row in (header, *rows)) for n in range(len(header))]
    return "\n".join(_line(row, widths, _texts(rows)) for row in (header, *rows))


def as_markdown(table: Table) -> str:
    header, rows = table
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(prediction: Prediction, actual: ActualBill | None) -> Mapping[str, object]:
    """Everything, for a program."""
    billed = actual and {
        "first": actual.first.isoformat(),
        "end": actual.end.isoformat(),
        "usd": actual.usd,
        "by_component": actual.by_component,
        "expected_usd": prediction.usd * actual.share,
    }
    components = prediction.bill.by_component()
    return {
        "users": prediction.users,
        "requests": prediction.requests,
        "prices_as_of": prediction.prices_as_of,
        "free_tier": prediction.free_tier,
        "plan": prediction.plan,
        "usd": prediction.usd,
        "list_usd": prediction.bill.list_usd,
        "by_component": {
            name: {"list_usd": listed, "usd": due} for name, (listed, due) in components.items()
        },
        "charges": prediction.bill.charges,
        "scaled": prediction.scaled,
        "actual": billed,
    }


def _texts(rows: Sequence[Sequence[str]]) -> Callable[[int], bool]:
    """Whether a column holds words: those are aligned to the left."""
    numeric = set("0123456789.,-+e$% ")
    return lambda n: any(not set(row[n]) <= numeric for row in rows)


def _line(row: Sequence[str], widths: Sequence[int], is_text: Callable[[int], bool]) -> str:
    cells: Iterator[str] = (
        cell.ljust(width) if is_text(n) else cell.rjust(width)
        for n, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()
