"""Turns dataclasses into messages of the API and back. Fields have the same names in both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timezone
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from accord_client._errors import AccordError, error_of_status

T = TypeVar("T")


def fill(target: Any, values: Mapping[str, Any], where: str = "") -> Any:
    """Sets fields of a message, and returns it. A value of None leaves its field unset.

    Raises:
        TypeError: A value has the wrong type. The error begins with the path of the field, as in filter.languages.
        ValueError: A name is not that of a value of the enum, or a time has no zone.
    """
    for name, value in values.items():
        path, field = f"{where}{name}", target.DESCRIPTOR.fields_by_name.get(name)
        if field is None:
            raise TypeError(f"{path}: there is no such field")
        if value is None:
            continue
        if is_dataclass(value) and field.message_type is not None:
            part = getattr(target, name)
            part.SetInParent()
            fill(part, _values(value), f"{path}.")
        elif (wrapped := _wrapped(field)) is not None:
            part = getattr(target, name)
            part.SetInParent()
            fill(part, {wrapped.name: value}, f"{path}.")
        elif isinstance(value, (list, tuple)) and field.message_type is not None and all(map(is_dataclass, value)):
            for index, item in enumerate(value):
                fill(getattr(target, name).add(), _values(item), f"{path}[{index}].")
        else:
            try:
                _set(target, field, value)
            except ValueError as error:
                raise ValueError(f"{path}: {error}") from None
            except (TypeError, AttributeError) as error:
                raise TypeError(f"{path}: {value!r:.80} has the wrong type: {error}") from None
    return target


def _wrapped(field: Any) -> Any:
    """Returns the only field of a message that just holds a list, or None if the given field is not such a message."""
    kind = field.message_type
    return kind.fields[0] if kind is not None and kind.full_name in _LISTS else None


# A list cannot be in a oneof, so these messages hold one.
_LISTS = ("accord.v1.Values", "accord.v1.Conditions")


def _values(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _set(target: Any, field: Any, value: Any) -> None:
    if isinstance(value, Mapping):
        getattr(target, field.name).update(value)
    elif isinstance(value, (list, tuple, set, frozenset)):
        getattr(target, field.name).extend(_number(field, item) for item in value)
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("the time has no zone; give it one, such as datetime.timezone.utc")
        getattr(target, field.name).FromDatetime(value.astimezone(timezone.utc))
    else:
        setattr(target, field.name, _number(field, value))


def _prefix(field: Any) -> str:
    """Returns the prefix of the names of an enum, such as SEARCH_MODE_."""
    return str(field.enum_type.values_by_number[0].name).removesuffix("UNSPECIFIED")


def _number(field: Any, value: Any) -> Any:
    """Returns the number of an enum's value, and other values as they are."""
    if field.enum_type is None or not isinstance(value, str):
        return value
    prefix, known = _prefix(field), field.enum_type.values_by_name
    if prefix + value not in known:
        names = ", ".join(name.removeprefix(prefix) for name, other in known.items() if other.number)
        raise ValueError(f"must be one of {names}, not {value!r}")
    return known[prefix + value].number


def decode(cls: type[T], source: Any) -> T:
    """Returns a dataclass with the values of a message. Absent values are None."""
    return cls(**{name: read(source) for name, read in _readers(cls, source.DESCRIPTOR)})  # type: ignore[arg-type] # classes are hashable


@cache
def _readers(cls: type, descriptor: Any) -> list[tuple[str, Callable[[Any], Any]]]:
    hints = get_type_hints(cls)
    return [
        (part.name, _reader(descriptor.fields_by_name[part.metadata.get("field", part.name)], hints[part.name]))
        for part in fields(cls)
    ]


def _reader(field: Any, hint: Any) -> Callable[[Any], Any]:
    """Returns a function that reads a field of a message for an attribute with the given type hint."""
    name = field.name
    if get_origin(hint) is Mapping:
        return lambda source: dict(getattr(source, name))
    if (wrapped := _wrapped(field)) is not None:
        items = _reader(wrapped, next(part for part in get_args(hint) if get_origin(part) is Sequence))
        return lambda source: items(getattr(source, name)) if source.HasField(name) else None
    value = _value_reader(field, hint)
    if get_origin(hint) in (tuple, Sequence):
        return lambda source: tuple(value(item) for item in getattr(source, name))
    if field.has_presence and type(None) in get_args(hint):
        return lambda source: value(getattr(source, name)) if source.HasField(name) else None
    return lambda source: value(getattr(source, name))


def _value_reader(field: Any, hint: Any) -> Callable[[Any], Any]:
    if field.enum_type is not None:
        prefix, known = _prefix(field), field.enum_type.values_by_number
        names = {number: value.name.removeprefix(prefix) if number else None for number, value in known.items()}
        return lambda number: names.get(number, str(number))
    if field.message_type is None:
        return lambda value: value
    if field.message_type.full_name == "google.protobuf.Timestamp":
        return lambda value: value.ToDatetime(timezone.utc)
    if field.message_type.full_name == "google.protobuf.Duration":
        return lambda value: value.ToTimedelta()
    cls = next(part for part in (hint, *get_args(hint)) if is_dataclass(part) or part is AccordError)
    if cls is AccordError:
        return error_of_status
    return lambda value: decode(cls, value)  # type: ignore[arg-type]
