"""Changes that an API server refuses because a field cannot change in place."""

from __future__ import annotations

from clusters.domain.objects import Ref
from clusters.kube.errors import ApiInvalid
from kubeorch.base.errors import Conflict

_IMMUTABLE = ("immutable", "may not change once set", "updates to statefulset spec", "pod updates may not change")
_IMMUTABLE_OF_SECRETS = frozenset(
    {("FieldValueForbidden", "data"), ("FieldValueForbidden", "immutable"), ("FieldValueInvalid", "type")}
)


class ImmutableField(Conflict):
    """The change needs a new object, and replacing the old one would cost its data or traffic."""

    code = "object.immutable"

    def __init__(self, ref: Ref, fields: tuple[str, ...], answer: str) -> None:
        name = f"{ref.kind} {ref.name}"
        if _is_secret(ref):
            what = "type" if "type" in fields else "values"
            super().__init__(
                f"the {what} of {name} cannot change once it exists. Rename the node, so that a new Secret takes its "
                "place and what uses it follows; or start the run again without the change"
            )
        else:
            what = ", ".join(fields) or "some of its fields"
            super().__init__(
                f"{name} cannot change {what} once it exists. Undo that change, or rename the node, "
                f"so that a new object takes its place. The API server says: {answer}"
            )
        self.fields = fields


def is_immutable(error: ApiInvalid, ref: Ref) -> bool:
    if error.status != 422:
        return False
    if _is_secret(ref):  # whose answers are passed on without their sentences
        return any((cause.reason, cause.field) in _IMMUTABLE_OF_SECRETS for cause in error.causes)
    text = " ".join((error.detail, *(cause.message for cause in error.causes)))
    return any(words in text for words in _IMMUTABLE)


def fields_refused(error: ApiInvalid) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cause.field for cause in error.causes if cause.field))


def _is_secret(ref: Ref) -> bool:
    return (ref.api_version, ref.kind) == ("v1", "Secret")
