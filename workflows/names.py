"""Names and texts that people give: cleaned, and kept to a length, in one place."""

from __future__ import annotations

from collections.abc import Iterable

from clusters.domain.namespaces import RESERVED_NAMESPACES
from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import is_dns_label, shows_all

NAME_MAX = 200
DESCRIPTION_MAX = 4000
TAG_MAX = 50
TAGS_MAX = 20
ENVIRONMENT_NAME_MAX = 63


class BadText(InvalidInput):
    """A name, a description or a tag that cannot be accepted."""

    code = "text.invalid"


class BadNamespace(InvalidInput):
    """A namespace that Kubernetes would refuse, or that belongs to the cluster itself."""

    code = "environment.namespace"


def clean_name(text: str, *, field: str = "name", most: int = NAME_MAX) -> str:
    """The name without spaces around it. Raises BadText for one that is empty, too long or partly invisible."""
    name = text.strip()
    if not name:
        raise BadText("give a name", field=field)
    if len(name) > most:
        raise BadText(f"a name may have {most} characters at most", field=field)
    if not shows_all(name):
        raise BadText("a name is one line without invisible characters; type it again", field=field)
    return name


def clean_description(text: str, *, field: str = "description") -> str:
    """The text without spaces around it. Raises BadText for one that is too long."""
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
    """The namespace, if an environment may use it. Raises BadNamespace."""
    if not is_dns_label(text):
        raise BadNamespace(
            "a namespace has 1 to 63 lower-case letters, digits and dashes, with a letter or digit at both ends",
            field=field,
        )
    if text in RESERVED_NAMESPACES:
        raise BadNamespace(f"“{text}” belongs to the cluster itself; choose another namespace", field=field)
    return text
