"""The errors of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord_client._api import message

if TYPE_CHECKING:
    from collections.abc import Iterable

    import grpc


@dataclass(frozen=True)
class Violation:
    """What is wrong with a field of a request.

    Attributes:
        field: The path of the field, such as filter.languages[0].
        description: What the field must be.
    """

    field: str
    description: str


class AccordError(Exception):
    """A call failed. The subclasses stand for the codes of gRPC.

    Attributes:
        code: The code, such as NOT_FOUND.
        message: What was wrong, and what to do.
        reason: The reason, such as PAGE_TOKEN_EXPIRED. Empty if the server gave none.
        details: What the server says about the reason, such as the role that a call needs.
        violations: The invalid fields of the request.
        retry_after: The number of seconds to wait before the call is repeated, if the server gave one.
        request_id: The id by which the server's log names the call. Empty if no server answered.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)  # with these, copy and pickle make the error again
        self.code = code
        self.message = message
        self.reason = ""
        self.details: dict[str, str] = {}
        self.violations: tuple[Violation, ...] = ()
        self.retry_after: float | None = None
        self.request_id = ""

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class InvalidArgumentError(AccordError):
    """The request is invalid. `violations` has the fields."""


class NotFoundError(AccordError):
    """The document or the collection does not exist."""


class AlreadyExistsError(AccordError):
    """The collection exists."""


class AbortedError(AccordError):
    """Another call changed the data, or the precondition of a write does not hold; see `reason`."""


class FailedPreconditionError(AccordError):
    """The state of the collection or the server does not allow the call; see `reason`."""


class UnauthenticatedError(AccordError):
    """There is no valid API key or token."""


class PermissionDeniedError(AccordError):
    """The API key or token does not allow this call."""


class ResourceExhaustedError(AccordError):
    """There are too many calls, or a message is too large; see `reason` and `retry_after`."""


class UnavailableError(AccordError):
    """No server answered, or what it needs is down. The call may be repeated."""


class DeadlineExceededError(AccordError):
    """The call took longer than its timeout."""


class CancelledError(AccordError):
    """The call was cancelled."""


_BY_NUMBER: dict[int, tuple[str, type[AccordError]]] = {
    1: ("CANCELLED", CancelledError),
    2: ("UNKNOWN", AccordError),
    3: ("INVALID_ARGUMENT", InvalidArgumentError),
    4: ("DEADLINE_EXCEEDED", DeadlineExceededError),
    5: ("NOT_FOUND", NotFoundError),
    6: ("ALREADY_EXISTS", AlreadyExistsError),
    7: ("PERMISSION_DENIED", PermissionDeniedError),
    8: ("RESOURCE_EXHAUSTED", ResourceExhaustedError),
    9: ("FAILED_PRECONDITION", FailedPreconditionError),
    10: ("ABORTED", AbortedError),
    11: ("OUT_OF_RANGE", AccordError),
    12: ("UNIMPLEMENTED", AccordError),
    13: ("INTERNAL", AccordError),
    14: ("UNAVAILABLE", UnavailableError),
    15: ("DATA_LOSS", AccordError),
    16: ("UNAUTHENTICATED", UnauthenticatedError),
}


def error_of_status(status: Any) -> AccordError:
    """Returns the error that a google.rpc.Status describes."""
    code, cls = _BY_NUMBER.get(status.code, ("UNKNOWN", AccordError))
    error = cls(code, status.message)
    for detail in status.details:
        info, refused, retry = (message(f"google.rpc.{name}")() for name in ("ErrorInfo", "BadRequest", "RetryInfo"))
        if detail.Unpack(info):
            error.reason, error.details = info.reason, dict(info.metadata)
        elif detail.Unpack(refused):
            error.violations = tuple(Violation(one.field, one.description) for one in refused.field_violations)
        elif detail.Unpack(retry):
            error.retry_after = retry.retry_delay.ToTimedelta().total_seconds()
    return error


def metadata_of(failed: grpc.RpcError) -> list[tuple[str, str | bytes]]:
    """Returns the initial and the trailing metadata of a failed call."""
    parts: Iterable[Any] = (failed.initial_metadata(), failed.trailing_metadata())  # type: ignore[attr-defined]
    return [(key, value) for part in parts for key, value in part or ()]


def error_of_call(failed: grpc.RpcError) -> AccordError:
    """Returns the error of a failed call."""
    metadata = dict(metadata_of(failed))
    status = message("google.rpc.Status")
    described = metadata.get("grpc-status-details-bin")
    if isinstance(described, bytes):
        error = error_of_status(status.FromString(described))
    elif failed.details() == "Internal error from Core":  # of grpc.aio, if the connection breaks while it sends
        error = error_of_status(status(code=14, message="the connection broke"))
    else:  # gRPC itself made the error
        error = error_of_status(status(code=failed.code().value[0], message=failed.details() or ""))
    error.request_id = str(metadata.get("accord-request-id", ""))
    return error
