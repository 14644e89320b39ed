"""Questions that only a person can decide, each with a default that works, and the answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from clusters.domain.quantity import is_quantity
from imports.domain.ledger import place_as_json
from imports.domain.sources import Place
from kubeorch.base.errors import InvalidInput
from kubeorch.base.records import record
from workflows.domain.kinds.formats import FORMATS

Answers = Mapping[str, str]
"""The answer by the id of its decision. They are kept, and given again when the files are read again."""
_MAX_ANSWER = 4096


@record
class Choice:
    value: str
    label: str


@record
class Decision:
    """One question. Without `choices` any text is an answer that fits `format` ("" for any); "" means none.

    `topic` groups them on a page: profiles, kinds, images, ports, volumes, files, secrets, order, networks, health.
    """

    id: str
    topic: str
    question: str
    choices: tuple[Choice, ...]
    default: str
    answer: str
    places: tuple[Place, ...] = ()
    format: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "topic": self.topic,
            "question": self.question,
            "choices": [{"value": one.value, "label": one.label} for one in self.choices],
            "default": self.default,
            "answer": self.answer,
            "places": [place_as_json(one) for one in self.places],
            "format": self.format,
        }


class AnswerInvalid(InvalidInput):
    """An answer is none of the choices, or does not have the format."""

    code = "import.answer"

    def __init__(self, decision_id: str, answer: str, expected: str) -> None:
        super().__init__(
            f"{answer[:60]!r} is no answer to {decision_id[:120]}; use {expected}", field=f"answers.{decision_id[:120]}"
        )
        self.decision_id = decision_id


def profile_id(profile: str) -> str:
    """The decision whether a profile is imported."""
    return f"profile/{profile}"


def chosen_profiles(answers: Answers) -> set[str]:
    """The profiles that the answers choose; the files are read with them."""
    return {
        id_.removeprefix(profile_id(""))
        for id_, one in answers.items()
        if id_.startswith(profile_id("")) and one == "yes"
    }


def answer_to(
    answers: Answers, id_: str, choices: tuple[Choice, ...], default: str, format_: str, possible: Collection[str]
) -> str:
    """The answer that was given, or the default. Raises AnswerInvalid.

    What is `possible`, and no choice any more since something else was decided otherwise, gives the default.
    """
    answer = answers.get(id_, default)
    if answer == default or answer in possible:
        return answer if not choices or answer in {one.value for one in choices} else default
    if not isinstance(answer, str) or len(answer) > _MAX_ANSWER:
        raise AnswerInvalid(id_, str(answer), f"a text of at most {_MAX_ANSWER} characters")
    if choices and answer not in {one.value for one in choices}:
        raise AnswerInvalid(id_, answer, ", ".join(one.value for one in choices))
    if not choices and answer and format_ == "quantity" and not is_quantity(answer):
        raise AnswerInvalid(id_, answer, "a quantity such as 10Gi")
    if not choices and answer and format_ in FORMATS and not FORMATS[format_].accepts(answer):
        raise AnswerInvalid(id_, answer, FORMATS[format_].expected)
    return answer
