"""The deck options that scheduling needs, read from an option group as Anki reads it.

Source: Anki's rslib/src/deckconfig/schema11.rs (blocks) and rslib/src/deckconfig/mod.rs (ranges).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from chalicelib.scheduler.float32 import U32_MAX, f32

_MAXIMUM_DAYS = 36_500
_U16_MAX = 0xFFFF
_LEECH_SUSPENDS = 0

Block = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulingOptions:
    """Deck options in the units of schema 11; the defaults are Anki's.

    Steps are in minutes, intervals in days, `initial_factor` in permille.
    """

    learn_steps: tuple[float, ...] = (1.0, 10.0)
    relearn_steps: tuple[float, ...] = (10.0,)
    graduating_interval: int = 1
    easy_interval: int = 4
    initial_factor: int = 2500
    hard_factor: float = 1.2
    easy_bonus: float = 1.3
    interval_factor: float = 1.0
    maximum_interval: int = _MAXIMUM_DAYS
    lapse_multiplier: float = 0.0
    minimum_interval: int = 1
    leech_threshold: int = 8
    leech_suspends: bool = False
    maximum_answer_s: int = 60


_DEFAULT = SchedulingOptions()


def options_from_dconf(dconf: Mapping[str, Any]) -> SchedulingOptions:
    """The options in one object of `col.dconf`; whatever it holds, the result can be used.

    As in Anki, a number out of its range means the default, not the nearest end; and one member
    of block `new`, `rev` or `lapse` that is missing or of a wrong type turns the whole block to
    its defaults.
    """
    return SchedulingOptions(
        **_new_options(block_or_defaults(dconf, "new")),
        **_review_options(block_or_defaults(dconf, "rev")),
        **_lapse_options(block_or_defaults(dconf, "lapse")),
        maximum_answer_s=_integer(dconf, "maxTaken", (1, 9999), _DEFAULT.maximum_answer_s),
    )


def _new_options(new: Block) -> dict[str, Any]:
    good, easy = _graduating_days(new.get("ints"))
    return {
        "learn_steps": _steps(new, _DEFAULT.learn_steps),
        "graduating_interval": good,
        "easy_interval": easy,
        "initial_factor": _integer(new, "initialFactor", (1310, 5000), _DEFAULT.initial_factor),
    }


def _review_options(rev: Block) -> dict[str, Any]:
    days = (1, _MAXIMUM_DAYS)
    return {
        "easy_bonus": _single(rev, "ease4", (1.0, 5.0), _DEFAULT.easy_bonus),
        "hard_factor": _single(rev, "hardFactor", (0.5, 1.3), _DEFAULT.hard_factor),
        "interval_factor": _single(rev, "ivlFct", (0.5, 2.0), _DEFAULT.interval_factor),
        "maximum_interval": _integer(rev, "maxIvl", days, _DEFAULT.maximum_interval),
    }


def _lapse_options(lapse: Block) -> dict[str, Any]:
    days = (1, _MAXIMUM_DAYS)
    return {
        "relearn_steps": _steps(lapse, _DEFAULT.relearn_steps),
        "lapse_multiplier": _single(lapse, "mult", (0.0, 1.0), _DEFAULT.lapse_multiplier),
        "minimum_interval": _integer(lapse, "minInt", days, _DEFAULT.minimum_interval),
        "leech_threshold": _integer(lapse, "leechFails", (1, 9999), _DEFAULT.leech_threshold),
        "leech_suspends": _suspends(lapse.get("leechAction")),
    }


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_u16(value: object) -> TypeGuard[int]:
    return _is_u32(value) and value <= _U16_MAX


def _is_u32(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= U32_MAX


def _is_flag(value: object) -> TypeGuard[bool]:
    return isinstance(value, bool)


def _is_anything(_value: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Member:
    """What a member must look like for its block to be usable."""

    accepts: Callable[[object], bool]
    mandatory: bool = True


_NEW_MEMBERS = {
    "bury": _Member(_is_flag, mandatory=False),
    "delays": _Member(_is_anything),
    "initialFactor": _Member(_is_u16),
    "ints": _Member(_is_anything),
    "order": _Member(_is_anything),
    "perDay": _Member(_is_anything),
}
_REV_MEMBERS = {
    "bury": _Member(_is_flag, mandatory=False),
    "ease4": _Member(_is_number),
    "hardFactor": _Member(_is_number, mandatory=False),
    "ivlFct": _Member(_is_number),
    "maxIvl": _Member(_is_u32),
    "perDay": _Member(_is_anything),
}
_LAPSE_MEMBERS = {
    "delays": _Member(_is_anything),
    "leechAction": _Member(_is_anything),
    "leechFails": _Member(_is_u32),
    "minInt": _Member(_is_u32),
    "mult": _Member(_is_number),
}


_BLOCK_MEMBERS: Mapping[str, Mapping[str, _Member]] = {
    "new": _NEW_MEMBERS,
    "rev": _REV_MEMBERS,
    "lapse": _LAPSE_MEMBERS,
}


def block_or_defaults(dconf: Mapping[str, Any], name: str) -> Block:
    """Block `new`, `rev` or `lapse` of an option group, as far as Anki can use it.

    It is empty, which stands for the defaults, when one member is missing or of a wrong type.
    """
    block = dconf.get(name)
    if not isinstance(block, Mapping):
        return {}
    fits = all(
        member.accepts(block[member_name]) if member_name in block else not member.mandatory
        for member_name, member in _BLOCK_MEMBERS[name].items()
    )
    return block if fits else {}


def _steps(block: Block, default: tuple[float, ...]) -> tuple[float, ...]:
    """`delays` of a usable block: something that is not a list of numbers means no steps."""
    delays = block.get("delays", default)
    if isinstance(delays, list | tuple) and all(_is_number(minutes) for minutes in delays):
        return tuple(delays)
    return ()


def _graduating_days(ints: object) -> tuple[int, int]:
    """The first two of `ints`: days after Good and after Easy; the rest is unused."""
    usual = (_DEFAULT.graduating_interval, _DEFAULT.easy_interval)
    match ints:
        case [good, easy, *rest] if all(_is_u16(days) for days in (good, easy, *rest)):
            days = (1, _MAXIMUM_DAYS)
            return _within(good, days, usual[0]), _within(easy, days, usual[1])
        case _:
            return usual


def _suspends(leech_action: object) -> bool:
    return _is_u32(leech_action) and leech_action == _LEECH_SUSPENDS


def _integer(block: Block, name: str, limits: tuple[int, int], default: int) -> int:
    return _within(block.get(name), limits, default)


def _within(value: object, limits: tuple[int, int], default: int) -> int:
    return value if _is_u32(value) and limits[0] <= value <= limits[1] else default


def _single(block: Block, name: str, limits: tuple[float, float], default: float) -> float:
    value: float = block.get(name, default)
    return value if limits[0] <= f32(value) <= limits[1] else default
