"""Connections and calls of the asynchronous client."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
import grpc.aio

from accord_client._connection import TLS, APIKey, Connection
from accord_client._errors import AccordError, error_of_call, metadata_of
from accord_client._requests import Call, Page, Requests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from types import TracebackType

    from typing_extensions import Self

    from accord_client._imports import AsyncDocuments

T = TypeVar("T")


class AsyncCalls:
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
        self._opened: grpc.aio.Channel | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def collection(self) -> str:
        """The name of the collection that calls use if they do not name one."""
        return self._requests.collection

    def _channel(self) -> grpc.aio.Channel:
        loop = asyncio.get_running_loop()
        if self._opened is None or self._loop is not loop:  # a channel belongs to the loop in which it was made
            self._loop = loop
            target, options = self._connection.target, self._connection.options()
            credentials = self._connection.credentials()
            if credentials is None:
                self._opened = grpc.aio.insecure_channel(target, options)
            else:
                self._opened = grpc.aio.secure_channel(target, credentials, options)
        return self._opened

    async def close(self) -> None:
        """Closes the connection. Calls in progress end with CancelledError."""
        if self._opened is not None:
            await self._opened.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self, call: Call[T], timeout: float | None) -> T:
        method = call.method
        channel = self._channel()
        make = channel.unary_unary(method.path, method.encode, method.decode)
        metadata, limit = self._connection.metadata(writes=call.writes), self._timeout if timeout is None else timeout
        try:
            answer = make(call.request, timeout=limit, metadata=metadata)
            response = await answer
            headers = await answer.initial_metadata()
        except grpc.RpcError as error:
            self._connection.answered(metadata_of(error))
            raise error_of_call(error) from error
        self._connection.answered(headers)
        return call.decode(response)

    async def _pages(self, call: Callable[[str], Call[Page[T]]], timeout: float | None) -> AsyncIterator[T]:
        page = await self._run(call(""), timeout)
        for item in page.items:
            yield item
        while page.next_page_token:
            page = await self._run(call(page.next_page_token), timeout)
            for item in page.items:
                yield item

    async def _stream(
        self, sending: AsyncDocuments, answered: Callable[[Any], None], timeout: float
    ) -> AccordError | None:
        """Imports over one stream, and returns the error with which it ended, if any."""
        method, metadata = sending.method, self._connection.metadata(writes=True)
        make = self._channel().stream_stream(method.path, method.encode, method.decode)
        call = make(sending.messages(), timeout=max(timeout, 0), metadata=metadata)
        try:
            async for answer in call:
                answered(answer)
            self._connection.answered(await call.trailing_metadata())
        except grpc.RpcError as error:
            self._connection.answered(metadata_of(error))
            return error_of_call(error)
        finally:
            call.cancel()
        return None
