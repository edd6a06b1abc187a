import re

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.col import JsonObject
from chalicelib.collection.rendering.render import RenderedCard, render_card
from tests.golden_rendering import GoldenCase, golden_cases

# The ids that tie a hint to its link are another digest of the same text than Anki's.
HINT_ID = re.compile(r"hint[0-9a-f]{16}")
CARDS_WITH_HINTS = 241

PIECES = (
    *(
        "{{",
        "}}",
        "{{#",
        "{{^",
        "{{/",
        "Front",
        "Back",
        "Tags",
        "FrontSide",
        ":",
        " ",
        "<!--",
        "-->",
    ),
    *(
        "{{Front}}",
        "{{Back}}",
        "{{#Front}}",
        "{{/Front}}",
        "{{^Back}}",
        "{{/Back}}",
        "{{=<% %>=}}",
        "<%",
    ),
    *(
        "text:",
        "hint:",
        "cloze:",
        "cloze-only:",
        "furigana:",
        "kana:",
        "type:",
        "nc:",
        "tts en:",
        "x:",
    ),
    *(
        "{{c1::",
        "{{c2::",
        "::",
        "[",
        "]",
        "<b>",
        "<img src='",
        "&amp;",
        "&",
        "\n",
        "\x00",
        "\ud800",
    ),
)
soup = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=2)), max_size=20).map("".join)


def notetype(question: str, answer: str = "{{FrontSide}}", *, kind: int = 0) -> JsonObject:
    return {
        "name": "Basic",
        "type": kind,
        "css": ".card {}",
        "flds": [{"name": "Front"}, {"name": "Back"}],
        "tmpls": [{"name": "Card 1", "qfmt": question, "afmt": answer}],
    }


def rendered(question: str, answer: str = "{{FrontSide}}", *fields: str) -> RenderedCard:
    return render_card(
        notetype(question, answer), 0, fields or ("f", "b"), tags=" a b ", deck_name="A::B"
    )


def rendered_case(case: GoldenCase, ordinal: str) -> RenderedCard:
    return render_card(
        case.notetype,
        int(ordinal),
        case.made["stored"],
        tags=case.made["tags"],
        deck_name=case.asked.get("deck", "Default"),
        card_flag=case.asked.get("flag", 0),
    )


def test_cards_look_as_in_anki() -> None:
    different = []
    for case in golden_cases():
        for ordinal, anki in case.made["cards"].items():
            ours = rendered_case(case, ordinal)
            for side in ("question", "answer", "css"):
                html = HINT_ID.sub("hint", getattr(ours, side))
                if html != HINT_ID.sub("hint", anki[side]):
                    different.append((case, ordinal, side, html))

    assert different == []


def test_only_the_ids_of_hints_differ_from_anki() -> None:
    differing = [
        (case, ordinal)
        for case in golden_cases()
        for ordinal, anki in case.made["cards"].items()
        if rendered_case(case, ordinal) != RenderedCard(**anki)
    ]

    assert len(differing) == CARDS_WITH_HINTS


def test_a_hint_and_its_link_have_the_same_id_and_different_hints_different_ones() -> None:
    card = rendered("{{hint:Front}}{{hint:Back}}")

    ids = HINT_ID.findall(card.question)
    assert ids[0] == ids[1] != ids[2] == ids[3]


@given(soup, soup, soup, soup, st.sampled_from((0, 1)), st.integers(0, 3))
def test_any_template_and_any_field_can_be_shown(
    question: str, answer: str, front: str, back: str, kind: int, ordinal: int
) -> None:
    card = render_card(
        notetype(question, answer, kind=kind), ordinal, (front, back), tags=back, deck_name=front
    )

    assert isinstance(card.question, str)
    assert isinstance(card.answer, str)


@given(st.text(), st.sampled_from(("[sound:a.mp3]", "[latex]x[/latex]", "[$]x[/$]", r"\(x\)")))
def test_sounds_and_formulas_are_left_to_whoever_shows_the_card(text: str, left: str) -> None:
    card = rendered("{{Front}}", "{{FrontSide}}|{{Back}}", text + left, left)

    assert card.question == text + left
    assert card.answer == f"{text}{left}|{left}"


def test_a_place_for_a_typed_answer_is_marked() -> None:
    card = rendered("{{Front}}{{type:Back}}", "{{type:nc:Back}}{{type:cloze:Back}}")

    assert card.question == "f[[type:Back]]"
    assert card.answer == "[[type:nc:Back]][[type:cloze:Back]]"


def test_the_style_comes_with_the_card() -> None:
    assert rendered("{{Front}}").css == ".card {}"


def test_a_card_whose_template_is_gone_says_so() -> None:
    for ordinal in (1, -1):
        card = render_card(notetype("{{Front}}"), ordinal, ("f", "b"), tags="", deck_name="A")

        assert card.question == card.answer != "f"
        assert "template" in card.question


def test_a_note_with_too_few_fields_says_which_one_is_missing() -> None:
    card = rendered("{{Front}}{{Back}}", "", "f")

    assert "there is no field called" in card.question


def test_a_deck_cannot_make_a_card_that_takes_forever() -> None:
    field = "<b>" * 20_000

    for question in ("{{Front}}" * 10_000, "{{" + "text:" * 10_000 + "Front}}"):
        assert "takes more than" in rendered(question, "", field, "").question
    card = rendered("{{Front}}", "{{FrontSide}}" * 10_000, field, "")
    assert "takes more than" in card.answer
    assert len(card.answer) < 1000
