"""Values that attributes of a Compose file take, one by one.

Source: Compose Specification, compose-spec.json.
"""

from __future__ import annotations

from imports.domain.compose import mappings
from imports.domain.compose.casts import boolean
from imports.domain.compose.kinds import Either, Items, Made, Map, Scalar, Struct
from imports.domain.compose.units import as_text, count, cpus, duration, file_mode, size_bytes, whole

NAMES = "[a-zA-Z0-9._-]+"


def _flag(value: object) -> bool:
    return boolean(value) if isinstance(value, str) else bool(value)


def device_count(value: object) -> int:
    return -1 if isinstance(value, str) and value.lower() == "all" else whole(value)


S = "string"
TEXT = Scalar((S,), zero="")
FLAG = Scalar(("boolean", S), _flag, zero=False)
CHOICE = Scalar(("boolean", S), _flag)
"""A flag for which false says something."""
INTEGER = Scalar(("integer", S), whole, zero=0)
NUMBER = Scalar(("number", S), whole, zero=0)
SIZE = Scalar(("number", S), size_bytes, zero="0")
DURATION = Scalar((S,), duration)
DELAY = Scalar((S,), duration, zero="0s")
RATIO = Scalar(("number", S), cpus, zero=0)
COUNT = Scalar(("integer", S), count)
NUMBER_OR_TEXT = Scalar((S, "number"), as_text)
NAMED = Items(Scalar((S,)), unique=True)
LIST = Items(Scalar((S,)))
ONE_OR_MORE = Items(Scalar((S,)), single=True)
ONE_OR_MORE_NAMED = Items(Scalar((S,)), unique=True, single=True)
PAIRS = Either(NAMED, ("array",), Map(Scalar((S, "number", "boolean", "null"))))
VARIABLES = Made(PAIRS, mappings.variables)
TEXTS = Made(PAIRS, mappings.texts)
OPTIONS = Made(Map(Scalar((S, "number"))), mappings.texts)
HOSTS = Made(Either(NAMED, ("array",), Map(ONE_OR_MORE)), mappings.hosts)
_WORDS = Either(Scalar((S, "null")), (S, "null"), LIST)
COMMAND = Made(_WORDS, mappings.words, always_null=True)
EXTERNAL = Made(Either(FLAG, ("boolean", S), Struct({"name": TEXT})), FLAG.final)
ULIMITS = Map(
    Made(
        Either(INTEGER, ("integer", S), Struct({"soft": INTEGER, "hard": INTEGER}, required=("soft", "hard"))),
        mappings.limit,
    )
)
FILE_REFERENCES = Items(
    Either(
        TEXT,
        (S,),
        Struct(
            {"source": TEXT, "target": TEXT, "uid": TEXT, "gid": TEXT, "mode": Scalar(("number", S), file_mode)},
        ),
    )
)
