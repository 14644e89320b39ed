"""Questions that only a person can decide, each with a default that works, and the answers."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from builds.domain.repositories import ADDRESS_MAX, REF_MAX, RepositoryInvalid, ref_of, repository_of
from clusters.domain.quantity import is_quantity
from imports.domain.ledger import place_as_json
from imports.domain.sources import Place
from kubeorch.base.errors import InvalidInput
from kubeorch.base.records import record
from workflows.domain.kinds.formats import FORMATS

Answers = Mapping[str, str]
"""The answer by the id of its decision. They are kept, and given again when the files are read again."""
_MAX_ANSWER = 4096


def _is_read(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except RepositoryInvalid:
        return False
    return True


_FORMATS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    **{name: (found.accepts, found.expected) for name, found in FORMATS.items()},
    "quantity": (is_quantity, "a quantity such as 10Gi"),
    "repository": (
        lambda text: len(text) <= ADDRESS_MAX and _is_read(repository_of, text),
        "the address of a repository, as https://host/path or git@host:path, without a name or a token in it",
    ),
    "git_ref": (
        lambda text: len(text) <= REF_MAX and _is_read(ref_of, text),
        "a branch, a tag or the whole id of a commit",
    ),
}
"""Of answers: whether a text is one, and what to use instead."""


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
            f"{answer[:60]!r} is not an answer to {decision_id[:120]}; use {expected}",
            field=f"answers.{decision_id[:120]}",
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
    if not choices and answer and format_ in _FORMATS:
        accepts, expected = _FORMATS[format_]
        if not accepts(answer):
            raise AnswerInvalid(id_, answer, expected)
    return answer
