"""Connections and calls of the synchronous client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import grpc

from accord_client._connection import TLS, APIKey, Connection
from accord_client._errors import AccordError, error_of_call, metadata_of
from accord_client._requests import Call, Page, Requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from typing_extensions import Self

    from accord_client._imports import Documents

T = TypeVar("T")


class Calls:
    """Makes the calls of a client."""

    def __init__(
        self,
        target: str = "localhost:50051",
        *,
        api_key: APIKey | None = None,
        tls: bool | TLS | None = None,
        collection: str = "default",
        timeout: float = 30.0,
    ) -> None:
        self._connection = Connection(target, api_key, tls)
        self._requests = Requests(collection)
        self._timeout = timeout
        self._channel = self._open()

    @property
    def collection(self) -> str:
        """The name of the collection that calls use if they do not name one."""
        return self._requests.collection

    def _open(self) -> grpc.Channel:
        target, options = self._connection.target, self._connection.options()
        credentials = self._connection.credentials()
        if credentials is None:
            return grpc.insecure_channel(target, options)
        return grpc.secure_channel(target, credentials, options)

    def close(self) -> None:
        """Closes the connection. Calls in progress end with CancelledError."""
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, call: Call[T], timeout: float | None) -> T:
        method = call.method
        make = self._channel.unary_unary(method.path, method.encode, method.decode)
        metadata, limit = self._connection.metadata(writes=call.writes), self._timeout if timeout is None else timeout
        try:
            response, answer = make.with_call(call.request, timeout=limit, metadata=metadata)
            headers = answer.initial_metadata()
        except grpc.RpcError as error:
            self._connection.answered(metadata_of(error))
            raise error_of_call(error) from error
        self._connection.answered(headers)
        return call.decode(response)

    def _pages(self, call: Callable[[str], Call[Page[T]]], timeout: float | None) -> Iterator[T]:
        page = self._run(call(""), timeout)
        yield from page.items
        while page.next_page_token:
            page = self._run(call(page.next_page_token), timeout)
            yield from page.items

    def _stream(self, sending: Documents, answered: Callable[[Any], None], timeout: float) -> AccordError | None:
        """Imports over one stream, and returns the error with which it ended, if any."""
        method, metadata = sending.method, self._connection.metadata(writes=True)
        make = self._channel.stream_stream(method.path, method.encode, method.decode)
        call = make(sending.messages(), timeout=max(timeout, 0), metadata=metadata)
        try:
            for answer in call:
                answered(answer)
            self._connection.answered(call.trailing_metadata())
        except grpc.RpcError as error:
            self._connection.answered(metadata_of(error))
            return error_of_call(error)
        finally:
            call.cancel()
        return None
