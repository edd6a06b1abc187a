"""The sample deck of a new person: the twelve English tenses, with Portuguese."""

from typing import NamedTuple

SAMPLE_DECK = "English tenses"
SAMPLE_DESCRIPTION = (
    "Twelve sample cards, one for each English tense. Delete this deck whenever you like."
)


class SampleCard(NamedTuple):
    """The two sides of a card, as HTML, and its note's tag."""

    front: str
    back: str
    tag: str


def _card(tense: str, english: str, portuguese: str, use: str) -> SampleCard:
    tag = tense.lower().replace(" ", "-")
    return SampleCard(
        front=f"{english}<br><small>{tense}</small>",
        back=f"{portuguese}<br><small>{use}</small>",
        tag=f"tenses::{tag}",
    )


SAMPLE_CARDS = (
    _card(
        "Present simple",
        "She <b>works</b> at a bakery.",
        "Ela trabalha em uma padaria.",
        "Hábitos e fatos: verbo na forma base, com <b>-s</b> para he, she, it.",
    ),
    _card(
        "Present continuous",
        "They <b>are waiting</b> for the bus.",
        "Eles estão esperando o ônibus.",
        "O que acontece agora: am / is / are + verbo com <b>-ing</b>.",
    ),
    _card(
        "Present perfect",
        "I <b>have lost</b> my keys.",
        "Perdi as minhas chaves (e ainda estou sem elas).",
        "Passado que importa agora: have / has + particípio.",
    ),
    _card(
        "Present perfect continuous",
        "It <b>has been raining</b> since Monday.",
        "Está chovendo desde segunda-feira.",
        "Começou antes e continua: have / has + been + verbo com <b>-ing</b>.",
    ),
    _card(
        "Past simple",
        "We <b>visited</b> Salvador last year.",
        "Visitamos Salvador no ano passado.",
        "Ação terminada em um momento certo: verbo com <b>-ed</b> ou irregular.",
    ),
    _card(
        "Past continuous",
        "He <b>was sleeping</b> when you called.",
        "Ele estava dormindo quando você ligou.",
        "Ação em curso no passado: was / were + verbo com <b>-ing</b>.",
    ),
    _card(
        "Past perfect",
        "The train <b>had left</b> before we arrived.",
        "O trem tinha partido antes de chegarmos.",
        "Passado antes de outro passado: had + particípio.",
    ),
    _card(
        "Past perfect continuous",
        "She <b>had been studying</b> for two hours when the lights went out.",
        "Ela estava estudando havia duas horas quando a luz acabou.",
        "Duração até um momento do passado: had + been + verbo com <b>-ing</b>.",
    ),
    _card(
        "Future simple",
        "I <b>will help</b> you with your bags.",
        "Vou ajudar você com as malas.",
        "Decisão na hora, promessa ou previsão: will + verbo na forma base.",
    ),
    _card(
        "Future continuous",
        "This time tomorrow we <b>will be flying</b> to Recife.",
        "Amanhã a esta hora estaremos voando para Recife.",
        "Ação em curso no futuro: will be + verbo com <b>-ing</b>.",
    ),
    _card(
        "Future perfect",
        "By Friday I <b>will have finished</b> the book.",
        "Até sexta-feira terei terminado o livro.",
        "Terminado antes de um momento do futuro: will have + particípio.",
    ),
    _card(
        "Future perfect continuous",
        "In May they <b>will have been living</b> here for ten years.",
        "Em maio eles completarão dez anos morando aqui.",
        "Duração até um momento do futuro: will have been + verbo com <b>-ing</b>.",
    ),
)
