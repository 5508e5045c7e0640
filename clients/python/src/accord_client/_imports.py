"""The documents of an import, on their way to the server.

A stream that breaks is replaced by a new one. It begins with the documents that were sent and not answered. Writes may
be repeated: a document that was stored although its answer was lost is answered UNCHANGED. gRPC sends as fast as the
server reads, so only the documents that fit into the buffers of a connection are sent and not answered.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Any, TypeAlias

from accord_client._api import method
from accord_client._convert import decode, fill
from accord_client._documents import ConditionalDocument, Document, ImportResult
from accord_client._requests import Requests, set_precondition

ToImport: TypeAlias = Document | ConditionalDocument

# The maximum number of streams in a row that end without an answer.
TRIES = 4


def pause(tries: int, retry_after: float | None) -> float:
    """Returns how many seconds to wait before the stream is opened again."""
    return retry_after or random.uniform(0.1, 0.2) * 2**tries


class _Documents:
    """What the two kinds of imports share: messages, and the documents without an answer."""

    def __init__(self, requests: Requests, collection: str | None, wait_for_index: bool | None) -> None:
        self.method = method("IngestService", "ImportDocuments")
        self._settings = self.method.request()
        self._settings.settings.parent = requests.parent(collection)
        fill(self._settings.settings, {"wait_for_index": wait_for_index})
        self._collection = Requests(requests.parent(collection))
        self._unanswered: deque[Any] = deque()
        self._answered = 0
        self._lock = threading.Lock()  # for these two, since gRPC sends in a thread of its own
        self.failure: Exception | None = None

    def _message(self, item: ToImport) -> Any:
        if isinstance(item, Document):
            item = ConditionalDocument(document=item)
        message = fill(self.method.request(), {"document": self._collection.named(item.document)})
        set_precondition(message, item.etag, item.must_not_exist)
        return message

    def answered(self, answer: Any) -> ImportResult:
        """Notes the answer for the first document without one, and returns it."""
        with self._lock:
            self._unanswered.popleft()
            self._answered += 1
        return decode(ImportResult, answer)


class Documents(_Documents):
    """The documents of an import. gRPC reads them in a thread of its own."""

    def __init__(
        self, requests: Requests, collection: str | None, wait_for_index: bool | None, documents: Iterable[ToImport]
    ) -> None:
        super().__init__(requests, collection, wait_for_index)
        self._rest = iter(documents)
        self._taking = threading.Lock()  # the thread of a stream that broke may still wait for a document
        self._stream = 0

    def messages(self) -> Iterator[Any]:
        """Returns the messages of a new stream, and ends those of the one before."""
        self._stream += 1
        return self._messages(self._stream)

    def _messages(self, stream: int) -> Iterator[Any]:
        number = self._answered
        yield self._settings
        while (message := self._sent(number) or self._next(stream, number)) is not None:
            number += 1
            yield message

    def _sent(self, number: int) -> Any:
        """Returns the message of a document, counted from 0, if an earlier stream had it and it has no answer."""
        with self._lock:
            place = number - self._answered
            return self._unanswered[place] if 0 <= place < len(self._unanswered) else None

    def _next(self, stream: int, number: int) -> Any:
        with self._taking:
            if (message := self._sent(number)) is not None:  # the thread of the stream before has taken it meanwhile
                return message
            if stream != self._stream or self.failure is not None:
                return None
            try:
                message = self._message(next(self._rest))
            except StopIteration:
                return None
            except Exception as error:
                self.failure = error
                return None
            with self._lock:
                self._unanswered.append(message)
            return message


class AsyncDocuments(_Documents):
    """The documents of an asynchronous import."""

    def __init__(
        self,
        requests: Requests,
        collection: str | None,
        wait_for_index: bool | None,
        documents: Iterable[ToImport] | AsyncIterable[ToImport],
    ) -> None:
        super().__init__(requests, collection, wait_for_index)
        self._rest = aiter(documents) if isinstance(documents, AsyncIterable) else _each(documents)
        self._taking: asyncio.Task[Any] | None = None

    async def messages(self) -> AsyncIterator[Any]:
        """Returns the messages of a new stream. The one before must have ended."""
        if self._taking is not None and self._taking.done():
            self._taking = None  # its document is one without an answer
        for message in [self._settings, *self._unanswered]:
            yield message
        while True:
            # The end of a stream must not cancel the caller's iterator, which would end it too.
            self._taking = self._taking or asyncio.ensure_future(self._take())
            message = await asyncio.shield(self._taking)
            self._taking = None
            if message is None:
                return
            yield message

    async def _take(self) -> Any:
        if self.failure is not None:
            return None
        try:
            message = self._message(await anext(self._rest))
        except StopAsyncIteration:
            return None
        except Exception as error:
            self.failure = error
            return None
        self._unanswered.append(message)
        return message

    def close(self) -> None:
        """Cancels the task that still waits for the caller's next document."""
        if self._taking is not None:
            self._taking.cancel()


async def _each(documents: Iterable[ToImport]) -> AsyncIterator[ToImport]:
    for document in documents:
        yield document
