"""Records: what `dataclass(slots=True)` makes, made in a tenth of the time.

`dataclasses` loads `inspect`, and writes and compiles up to seven functions for each class: for the sixty that a
conversion loads, that is a third of the whole command. Here only `__init__` is written; what compares, hashes and
prints is the same for all. For what `manage.py convert` loads; elsewhere a dataclass does as well.

Records inherit no fields, and are unknown to `dataclasses`: `replace` and `fields` are here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, cast, dataclass_transform

T = TypeVar("T")
_NONE: Any = object()
"""Where a field has no default, and where an argument was not given."""


class _Field(NamedTuple):
    default: Any = _NONE
    factory: Callable[[], Any] | None = None
    init: bool = True
    compare: bool = True


def field(
    *,
    default: Any = _NONE,
    default_factory: Callable[[], Any] | None = None,
    init: bool = True,
    compare: bool = True,
) -> Any:
    """A field whose default is made for each record, that is not an argument, or that makes no difference."""
    return _Field(default, default_factory, init, compare)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """A value: its fields are set once, and two with the same fields are equal."""
    own_hash = {} if "__hash__" in cls.__dict__ else {"__hash__": _hash}
    return _slotted(cls, {"__setattr__": _refused, "__delattr__": _refused, **own_hash})


@dataclass_transform(frozen_default=False, field_specifiers=(field,))
def draft(cls: type[T]) -> type[T]:
    """What is filled in as work goes on: its fields may change, so that it has no hash."""
    return _slotted(cls, {} if "__eq__" in cls.__dict__ else {"__hash__": None})


def fields(one: object) -> tuple[str, ...]:
    """The names of the fields that a record, or a class of records, is made with."""
    names: tuple[str, ...] = one.__match_args__  # type: ignore[attr-defined]
    return names


def replace(one: T, **changes: Any) -> T:
    """A copy with some fields changed."""
    return type(one)(**{name: getattr(one, name) for name in fields(one)} | changes)


def _slotted(cls: type[T], more: Mapping[str, Any]) -> type[T]:
    """The class with a slot for each of its fields, and what all records do."""
    namespace = {**cls.__dict__, **more}
    declared: dict[str, _Field] = {}
    for name in namespace.get("__annotations__", {}):
        default = namespace.pop(name, _NONE)
        declared[name] = default if isinstance(default, _Field) else _Field(default)
    for inherited in ("__dict__", "__weakref__"):
        namespace.pop(inherited, None)
    keeps = any(isinstance(one, cached_property) for one in namespace.values())
    compared = [name for name, one in declared.items() if one.compare]
    namespace["__slots__"] = (*declared, "__dict__") if keeps else tuple(declared)
    namespace["__match_args__"] = tuple(name for name, one in declared.items() if one.init)
    namespace["__compared__"] = attrgetter(*compared) if compared else type
    namespace.setdefault("__eq__", _equal)
    namespace.setdefault("__repr__", _printed)
    kind: Any = type(cls)
    made = kind(cls.__name__, cls.__bases__, namespace)
    made.__init__ = _at_first(made, declared)
    return cast(type[T], made)  # the class that is like it


def _at_first(made: Any, declared: dict[str, _Field]) -> Any:
    """An `__init__` that is written when the first record is made: of some classes there is none."""

    def __init__(self: Any, *given: Any, **named: Any) -> None:
        made.__init__ = _init(made, declared)
        made.__init__(self, *given, **named)

    return __init__


def _init(made: type, declared: dict[str, _Field]) -> Any:
    """Write `__init__`. It sets a slot by its own descriptor, since records refuse to be changed."""
    names: dict[str, Any] = {"NONE": _NONE}
    arguments, lines = ["self"], []
    for name, one in declared.items():
        value = name
        if one.factory is not None:
            names[f"make_{name}"] = one.factory
            value = f"make_{name}() if {name} is NONE else {name}" if one.init else f"make_{name}()"
        if one.init:
            names[f"default_{name}"] = one.default
            has_default = one.default is not _NONE or one.factory is not None
            arguments.append(f"{name}=default_{name}" if has_default else name)
        names[f"set_{name}"] = made.__dict__[name].__set__
        lines.append(f"\n set_{name}(self, {value})")
    exec(f"def __init__({', '.join(arguments)}):{''.join(lines) or ' pass'}", names)  # noqa: S102 - names of our fields
    init = names["__init__"]
    init.__qualname__ = f"{made.__qualname__}.__init__"
    return init


def _equal(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    return self.__compared__(self) == other.__compared__(other)


def _hash(self: Any) -> int:
    return hash(self.__compared__(self))


def _printed(self: Any) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in fields(self))})"


def _refused(self: Any, name: str, *_value: Any) -> None:
    raise AttributeError(f"{type(self).__name__} is a record: its field {name} cannot be changed")
