"""The eight questions of the intake. Answers stand in order: a later one never asks for less."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from procurement.intake.words import gettext_noop

#: The one question that takes several answers: what is bought, in the profiles of the baseline.
BOUGHT = "bought"

#: One option by question; for `BOUGHT` a sequence of them.
Answers = Mapping[str, str | Sequence[str]]


class Unanswered(Exception):
    """A question has no answer, or one that nobody offers. `question` names it."""

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.question = question


@dataclass(frozen=True, slots=True)
class Option:
    """One answer."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answers, the least demanding first."""

    code: str
    text: str
    options: tuple[Option, ...]
    several: bool = False

    def rank(self, option: str) -> int:
        """Place of an answer in the order. Raises `Unanswered` where it is not offered."""
        codes = [one.code for one in self.options]
        if option not in codes:
            raise Unanswered(self.code)
        return codes.index(option)

    def text_of(self, option: str) -> str:
        """The words of an answer, to be translated."""
        return self.options[self.rank(option)].text


def _question(code: str, text: str, *options: tuple[str, str], several: bool = False) -> Question:
    return Question(code, text, tuple(Option(*option) for option in options), several)


QUESTIONS: tuple[Question, ...] = (
    _question(
        BOUGHT,
        gettext_noop("What is bought?"),
        ("hardware", gettext_noop("Hardware or appliances")),
        ("custom-development", gettext_noop("Software written for the bank")),
        ("saas-cloud", gettext_noop("Software as a service, or a cloud service")),
        ("network-soc", gettext_noop("Network, or a security monitoring service")),
        ("mobile-app", gettext_noop("A mobile app")),
        ("internet-banking", gettext_noop("Internet banking")),
        ("atm-endpoint", gettext_noop("Cash machines and other end-points")),
        ("core-payment", gettext_noop("Core banking or payments")),
        several=True,
    ),
    _question(
        "system",
        gettext_noop("Which system does it touch?"),
        ("internal", gettext_noop("Another internal system")),
        (
            "supports",
            gettext_noop("One that supports cash machines, tellers, SWIFT or core, or faces customers"),
        ),
        ("class1", gettext_noop("Cash machines, tellers, SWIFT or core itself")),
    ),
    _question(
        "data",
        gettext_noop("What is the most sensitive data it holds or sees?"),
        ("none", gettext_noop("None, or what is public")),
        ("internal", gettext_noop("Internal data of the bank")),
        ("personal", gettext_noop("Personal data")),
        ("financial", gettext_noop("Accounts, transactions, cards, or what customers sign in with")),
    ),
    _question(
        "exposure",
        gettext_noop("From where can it be reached?"),
        ("isolated", gettext_noop("From a network of its own only")),
        ("internal", gettext_noop("From the bank’s internal network")),
        ("partners", gettext_noop("From partners or other institutions, too")),
        ("internet", gettext_noop("From the internet")),
    ),
    _question(
        "operator",
        gettext_noop("Who operates it?"),
        ("bank", gettext_noop("The bank, on site")),
        ("remote", gettext_noop("The bank; the vendor maintains it remotely")),
        ("vendor", gettext_noop("The vendor")),
    ),
    _question(
        "impact",
        gettext_noop("What happens if it stops for a day, or is wrong?"),
        ("none", gettext_noop("Hardly anybody notices")),
        ("unit", gettext_noop("A unit of the bank waits")),
        ("some", gettext_noop("Some customers cannot be served")),
        ("all", gettext_noop("Customers everywhere are hit, or money moves wrongly")),
    ),
    _question(
        "place",
        gettext_noop("Where does it run, and where is the data?"),
        ("premises", gettext_noop("On the bank’s premises")),
        ("hosted", gettext_noop("In a vendor’s data centre in Taiwan")),
        ("cloud", gettext_noop("In a public cloud, in Taiwan only")),
        ("abroad", gettext_noop("Abroad, or somebody abroad can reach the data")),
    ),
    _question(
        "price",
        gettext_noop("What will it cost?"),
        ("under-1m", gettext_noop("Under NT$1 million")),
        ("under-10m", gettext_noop("NT$1 million to under 10 million")),
        ("from-10m", gettext_noop("NT$10 million to under 50 million")),
        ("from-50m", gettext_noop("NT$50 million or more")),
    ),
)

BY_CODE: Mapping[str, Question] = {question.code: question for question in QUESTIONS}


def chosen(answers: Answers, code: str) -> tuple[str, ...]:
    """The answers to a question, in the order of the question. Raises `Unanswered`."""
    given = answers.get(code) or ()
    options = (given,) if isinstance(given, str) else tuple(given)
    question = BY_CODE[code]
    if not options or (len(options) > 1 and not question.several):
        raise Unanswered(code)
    return tuple(sorted(set(options), key=question.rank))


def tidy(answers: Answers) -> dict[str, str | list[str]]:
    """The answers as they are stored, each question once. Raises `Unanswered`."""
    return {
        code: list(chosen(answers, code)) if question.several else chosen(answers, code)[0]
        for code, question in BY_CODE.items()
    }


def worst_of(first: Answers, second: Answers) -> dict[str, str | list[str]]:
    """To each question the more demanding of two answers; of what is bought, everything."""
    worst: dict[str, str | list[str]] = {}
    for code, question in BY_CODE.items():
        options = sorted({*chosen(first, code), *chosen(second, code)}, key=question.rank)
        worst[code] = options if question.several else options[-1]
    return worst


def lowered(answers: Answers, worst: Answers) -> list[tuple[str, str, str]]:
    """Where answers ask for less than the worst ones did: question, what was said, what is said now."""
    less: list[tuple[str, str, str]] = []
    for code, question in BY_CODE.items():
        now, then = chosen(answers, code), chosen(worst, code)
        if question.several:
            less += [(code, option, "") for option in then if option not in now]
        elif question.rank(now[0]) < question.rank(then[0]):
            less.append((code, then[0], now[0]))
    return less
