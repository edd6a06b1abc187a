"""Real Anki is the judge: every row and label it computed for the cases in tests/golden."""

from collections import Counter

from chalicelib.scheduler.answers import Rating, next_states
from chalicelib.scheduler.labels import interval_label
from chalicelib.scheduler.states import CardType
from chalicelib.scheduler.timing import Timing, day_timing
from tests.scheduler import golden


def test_every_answer_to_every_card_gives_ankis_card_revlog_leech_and_label() -> None:
    differences = []
    for case in golden.transitions():
        outcomes = next_states(case.card, case.options, case.timing, fuzz=case.fuzz)
        ours = {
            rating: golden.rows(rating, outcome, case.taken_ms, case.options)
            for rating, outcome in outcomes.items()
        }
        if ours != case.answers or golden.button_labels(outcomes) != case.labels:
            differences.append((case, ours))
    assert differences[:3] == []


def test_the_cases_cover_what_they_are_meant_to_cover() -> None:
    types: Counter[int] = Counter()
    fuzzed: Counter[bool] = Counter()
    leeches = suspended = 0
    for case in golden.transitions():
        types[case.card.type] += 1
        fuzzed[case.fuzz] += 1
        card, _, leech = case.answers[Rating.AGAIN]
        leeches += leech
        suspended += bool(leech) and card[1] == -1
    assert sum(types.values()) >= 6000
    assert min(types[kind] for kind in CardType) >= 500
    assert min(fuzzed[True], fuzzed[False]) >= 3000
    assert suspended >= 100
    assert leeches - suspended >= 100


def test_the_files_hold_as_much_as_the_scheduler_is_to_be_judged_by() -> None:
    answers = [(case.fuzz, answer) for case in golden.transitions() for answer in case.answers]
    assert len(answers) >= 20_000
    assert sum(fuzz for fuzz, _ in answers) >= len(answers) / 2
    assert len(golden.load("queues")["queues"]) >= 200
    scenarios = golden.load("queues")
    for kind in ("queues", "timelines"):
        assert len({scenario["zone"] for scenario in scenarios[kind]}) >= 4
    offsets = {case["localOffset"] for case in golden.load("timings")["timings"]}
    assert len(offsets) >= 100


def test_a_card_goes_through_its_life_as_in_anki() -> None:
    answered = 0
    for timeline in golden.timelines():
        card, tagged = timeline.card, False
        for answer in timeline.answers:
            outcomes = next_states(card, timeline.options, answer.timing, fuzz=timeline.fuzz)
            outcome = outcomes[answer.rating]
            tagged = tagged or outcome.leech  # the tag stays on the note
            *ours, _ = golden.rows(answer.rating, outcome, answer.taken_ms, timeline.options)
            assert [*ours, int(tagged)] == answer.rows
            assert golden.button_labels(outcomes) == answer.labels
            card = outcome.card
            answered += 1
    assert answered >= 1000


def test_days_begin_and_are_counted_as_in_anki() -> None:
    cases = golden.load("timings")["timings"]
    differences = []
    for case in cases:
        ours = day_timing(
            now_s=case["now"],
            created_s=case["crt"],
            creation_offset=case["creationOffset"],
            local_offset=case["localOffset"],
            rollover=4 if case["rollover"] is None else case["rollover"],
        )
        if ours != Timing(case["now"], case["today"], case["next_cutoff"]):
            differences.append((case, ours))
    assert differences[:3] == []
    assert len(cases) >= 1000


def test_every_delay_has_ankis_label() -> None:
    for learn_ahead, anki in golden.load("labels")["labels"].items():
        for delays, expected in (
            (range(86_400), anki["seconds"]),
            (range(86_400, 86_400 * 40_001, 86_400), anki["days"]),
        ):
            assert label_changes(delays, int(learn_ahead)) == expected


def label_changes(delays: range, learn_ahead_s: int) -> list[list[int | str]]:
    """[first delay, label] of each run of equal labels."""
    changes: list[list[int | str]] = []
    for delay_s in delays:
        label = interval_label(delay_s, learn_ahead_s)
        if not changes or changes[-1][1] != label:
            changes.append([delay_s, label])
    return changes
