"""Free text and names that people give, cleaned and bounded in one place."""

from __future__ import annotations

import re
from collections.abc import Iterable

from clusters.domain.namespaces import RESERVED_NAMESPACES
from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import is_dns_label, shows_all

NAME_MAX = 200
DESCRIPTION_MAX = 4000
TAG_MAX = 50
TAGS_MAX = 20
ENVIRONMENT_NAME_MAX = 63
VARIABLES_MAX = 200
VARIABLE_TEXT_MAX = 64 * 1024
INTEGER_MAX = 2**53 - 1
"""Beyond it a browser would round the number."""
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}\Z")
VARIABLE_TYPES = ("string", "integer", "boolean")


class BadText(InvalidInput):
    code = "text.invalid"


class BadNamespace(InvalidInput):
    code = "environment.namespace"


class BadVariable(InvalidInput):
    code = "environment.variable"


def clean_name(text: str, *, field: str = "name", most: int = NAME_MAX) -> str:
    """The name without spaces around it. Raises BadText when empty, too long or with what cannot be seen."""
    name = text.strip()
    if not name:
        raise BadText("give a name", field=field)
    if len(name) > most:
        raise BadText(f"a name may have {most} characters at most", field=field)
    if not shows_all(name):
        raise BadText("a name is one line without control characters and invisible ones; type it again", field=field)
    return name


def clean_description(text: str, *, field: str = "description") -> str:
    if len(text) > DESCRIPTION_MAX:
        raise BadText(f"a description may have {DESCRIPTION_MAX} characters at most", field=field)
    return text.strip()


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags in the order given, each once. Raises BadText."""
    clean = list(dict.fromkeys(clean_name(tag, field="tags", most=TAG_MAX) for tag in tags))
    if len(clean) > TAGS_MAX:
        raise BadText(f"a workflow may have {TAGS_MAX} tags at most", field="tags")
    return clean


def clean_namespace(text: str, *, field: str = "namespace") -> str:
    """A namespace an environment may use. Raises BadNamespace."""
    if not is_dns_label(text):
        raise BadNamespace(
            "a namespace has 1 to 63 lower-case letters, digits and dashes, with a letter or digit at both ends",
            field=field,
        )
    if text in RESERVED_NAMESPACES:
        raise BadNamespace(f"{text} belongs to the cluster itself; choose another namespace", field=field)
    return text


def clean_variables(raw: object, *, field: str = "variables") -> dict[str, dict[str, object]]:
    """Variables as `{NAME: {type, value}}`, the value of its type. Raises BadVariable."""
    if not isinstance(raw, dict):
        raise BadVariable("variables are an object of names", field=field)
    if len(raw) > VARIABLES_MAX:
        raise BadVariable(f"an environment may have {VARIABLES_MAX} variables at most", field=field)
    return {name: _variable(name, given, f"{field}.{name}") for name, given in raw.items()}


def _variable(name: str, given: object, field: str) -> dict[str, object]:
    if not VARIABLE_NAME.match(name):
        raise BadVariable(
            "a variable's name has letters, digits and underscores, 63 at most, and starts with no digit", field=field
        )
    if not isinstance(given, dict) or set(given) != {"type", "value"}:
        raise BadVariable("a variable is {type, value}", field=field)
    kind, value = given["type"], given["value"]
    if kind not in VARIABLE_TYPES:
        raise BadVariable(f"a variable's type is one of {', '.join(VARIABLE_TYPES)}", field=f"{field}.type")
    fits = {
        "string": isinstance(value, str) and len(value) <= VARIABLE_TEXT_MAX,
        "integer": isinstance(value, int) and not isinstance(value, bool) and abs(value) <= INTEGER_MAX,
        "boolean": isinstance(value, bool),
    }[kind]
    if not fits:
        raise BadVariable(f"the value is no {kind} within its limits", field=f"{field}.value")
    return {"type": kind, "value": value}
