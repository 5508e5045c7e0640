"""The asynchronous client."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from accord_client._async_space_calls import AsyncSpaceCalls
from accord_client._errors import NotFoundError
from accord_client._imports import TRIES, AsyncDocuments, pause

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence

    from typing_extensions import Unpack

    from accord_client._documents import (
        Collection,
        ConditionalDocument,
        DeletedDocuments,
        Document,
        ImportResult,
        IngestStatus,
        ServerInfo,
        UpsertResult,
    )
    from accord_client._options import DocumentView, Filter, SearchOptions
    from accord_client._results import BatchSearchAnswer, Citation, Passage, SearchResponse


class AsyncClient(AsyncSpaceCalls):
    """Calls a server. The methods are those of `Client`. Use it in one event loop at a time.

    Every call has a deadline. Reads are repeated while the server is unavailable. Methods that are not described here
    do what those of `Client` do.

    Args:
        target: host, host:port, http://host:port, or https://host:port for TLS. The default port is 50051.
        api_key: An API key or JWT, or a function that returns the current one. It is sent to another machine only with
            TLS, unless tls is False.
        tls: Whether to use TLS, or its files. If None, the target decides.
        collection: The collection that calls use if they do not name one.
        timeout: The deadline of each call, in seconds, unless the call has its own.

    Raises:
        ValueError: An argument is invalid.
    """

    async def search(
        self,
        query: str,
        *,
        collection: str | None = None,
        timeout: float | None = None,
        **options: Unpack[SearchOptions],
    ) -> SearchResponse:
        """Returns one page of the passages that best answer a query.

        Args:
            query: The question, in any language, at most 2,000 characters.
            collection: The id or the name of the collection.
            timeout: The deadline in seconds.
            **options: Those of `SearchOptions`, such as page_size, filter, mode and min_relevance.

        Raises:
            TypeError: An argument has an unknown name or the wrong type.
            ValueError: An argument has an invalid value.
            AccordError: The call failed.
        """
        return await self._run(self._requests.search(query, collection, options), timeout)

    async def search_pages(
        self,
        query: str,
        *,
        collection: str | None = None,
        timeout: float | None = None,
        **options: Unpack[SearchOptions],
    ) -> AsyncIterator[SearchResponse]:
        """Returns all pages of a search, one call for each. A list has about 500 passages at most."""
        page = await self._run(self._requests.search(query, collection, options), timeout)
        yield page
        while page.next_page_token:
            options["page_token"] = page.next_page_token
            page = await self._run(self._requests.search(query, collection, options), timeout)
            yield page

    async def batch_search(
        self,
        queries: Sequence[str],
        *,
        collection: str | None = None,
        timeout: float | None = None,
        **options: Unpack[SearchOptions],
    ) -> list[BatchSearchAnswer]:
        """Searches for up to 50 queries in one call, and returns one answer for each: a response or an error.

        It takes far less time than a call for each query. The options are those of `search`, the same for all queries.
        """
        return await self._run(self._requests.batch_search(queries, collection, options), timeout)

    async def batch_get_passages(
        self, names: Sequence[str], *, collection: str | None = None, timeout: float | None = None
    ) -> list[Passage]:
        """Returns up to 100 passages of a collection by name, in the order of the names.

        Raises:
            NotFoundError: One does not exist.
        """
        return await self._run(self._requests.batch_get_passages(names, collection), timeout)

    async def verify(self, citation: Citation, *, timeout: float | None = None) -> bool:
        """Reports whether the stored document still has exactly the cited text at that place."""
        try:
            cited = await self.get_document(
                citation.document, text_range=(citation.start, citation.end), timeout=timeout
            )
        except NotFoundError:
            return False
        return cited.text == citation.text

    async def get_document(
        self,
        name: str,
        *,
        view: DocumentView | None = None,
        text_range: tuple[int, int] | None = None,
        timeout: float | None = None,
    ) -> Document:
        """Returns a document.

        Args:
            name: Its name, or its id in the client's collection.
            view: BASIC leaves out text, blocks and page_starts. The default is FULL.
            text_range: The part of the text to return: the first code point, and one past the last.
            timeout: The deadline in seconds.

        Raises:
            NotFoundError: It does not exist.
        """
        return await self._run(self._requests.get_document(name, view, text_range), timeout)

    def list_documents(
        self,
        *,
        collection: str | None = None,
        filter: Filter | None = None,  # noqa: A002 - the name in the API
        page_size: int = 0,
        timeout: float | None = None,
    ) -> AsyncIterator[Document]:
        """Returns a collection's documents by name, without their texts.

        Each page is one call with its own deadline.
        """
        return self._pages(lambda token: self._requests.list_documents(collection, filter, page_size, token), timeout)

    async def upsert_document(
        self,
        document: Document,
        *,
        wait_for_index: bool | None = None,
        etag: str | None = None,
        must_not_exist: bool = False,
        timeout: float | None = None,
    ) -> UpsertResult:
        """Creates or replaces a document. It may be repeated: the second write is UNCHANGED.

        Args:
            document: The document.
            wait_for_index: Whether to wait until it is embedded. If False, it is embedded later, and until then only
                its words can be found. The default is True.
            etag: The etag that the stored document must have.
            must_not_exist: Whether the document must not exist yet.
            timeout: The deadline in seconds.

        Raises:
            ValueError: Both etag and must_not_exist are given.
            AbortedError: The reason is PRECONDITION_FAILED if the etag differs or the document exists.
        """
        call = self._requests.upsert_document(document, wait_for_index, etag, must_not_exist)
        return await self._run(call, timeout)

    async def import_documents(
        self,
        documents: Iterable[Document | ConditionalDocument] | AsyncIterable[Document | ConditionalDocument],
        *,
        collection: str | None = None,
        wait_for_index: bool | None = None,
        progress: Callable[[int, ImportResult], object] | None = None,
        timeout: float = 86_400.0,
    ) -> list[ImportResult]:
        """Writes many documents over one stream, and returns one result for each, in order.

        A document that is not written does not stop the others: its result has the error. If the connection breaks,
        the import continues over a new one. A document whose answer was lost with the connection is UNCHANGED.

        Args:
            documents: The documents, with their conditions if they have any. They are read while they are sent, so they
                need not fit into memory.
            collection: The id or the name of the collection to which all of them belong.
            wait_for_index: Whether the result of a document waits until it is embedded. The default is True.
            progress: Called after each document with the number of results so far and the last of them.
            timeout: The deadline of the whole import in seconds. The default is a day.

        Raises:
            AccordError: The import ended early. The documents for which progress was called are answered.
        """
        sending = AsyncDocuments(self._requests, collection, wait_for_index, documents)
        results: list[ImportResult] = []

        def answered(answer: Any) -> None:
            results.append(sending.answered(answer))
            if progress is not None:
                progress(len(results), results[-1])

        end, tries, before = time.monotonic() + timeout, 0, -1
        try:
            while (error := await self._stream(sending, answered, end - time.monotonic())) is not None:
                tries, before = (tries + 1 if len(results) == before else 1), len(results)
                if error.code != "UNAVAILABLE" or tries == TRIES:
                    raise error
                await asyncio.sleep(max(0, min(pause(tries, error.retry_after), end - time.monotonic())))
        finally:
            sending.close()
        if sending.failure is not None:
            raise sending.failure
        return results

    async def delete_document(self, name: str, *, etag: str | None = None, timeout: float | None = None) -> None:
        """Removes a document. If an etag is given, the document must have it.

        Raises:
            NotFoundError: It does not exist.
            AbortedError: Its etag differs.
        """
        await self._run(self._requests.delete_document(name, etag), timeout)

    async def delete_documents(
        self,
        *,
        filter: Filter | None = None,  # noqa: A002 - the name in the API
        collection: str | None = None,
        validate_only: bool = False,
        force: bool = False,
        timeout: float = 600.0,
    ) -> DeletedDocuments:
        """Removes the documents that match a filter, in batches.

        Args:
            filter: The documents. None for all of them, which needs force.
            collection: The id or the name of the collection.
            validate_only: Whether only to count the documents.
            force: Whether an empty filter removes all documents.
            timeout: The deadline in seconds. A call that ends early has removed some documents.
        """
        call = self._requests.delete_documents(collection, filter, validate_only, force)
        return await self._run(call, timeout)

    async def get_ingest_status(self, *, collection: str | None = None, timeout: float | None = None) -> IngestStatus:
        """Returns how many documents of a collection are embedded."""
        return await self._run(self._requests.ingest_status(collection), timeout)

    async def retry_failed_documents(self, *, collection: str | None = None, timeout: float | None = None) -> int:
        """Queues the documents that could not be embedded, to be embedded again. Returns their number."""
        return await self._run(self._requests.retry_failed_documents(collection), timeout)

    async def create_collection(
        self, collection_id: str, *, model_server: str = "", timeout: float | None = None
    ) -> Collection:
        """Creates a collection that uses the model of a configured model server.

        Raises:
            AlreadyExistsError: The id is taken.
        """
        return await self._run(self._requests.create_collection(collection_id, model_server), timeout)

    async def get_collection(self, collection: str | None = None, *, timeout: float | None = None) -> Collection:
        """Returns a collection by its id or name, by default that of the client."""
        return await self._run(self._requests.get_collection(collection), timeout)

    def list_collections(self, *, page_size: int = 0, timeout: float | None = None) -> AsyncIterator[Collection]:
        """Returns the collections by name. Each page is one call with its own deadline."""
        return self._pages(lambda token: self._requests.list_collections(page_size, token), timeout)

    async def delete_collection(self, collection: str, *, force: bool = False, timeout: float | None = None) -> None:
        """Removes a collection by its id or name. One with documents needs force."""
        await self._run(self._requests.delete_collection(collection, force), timeout)

    async def get_server_info(self, *, timeout: float | None = None) -> ServerInfo:
        """Returns the version and the load of the server that answers."""
        return await self._run(self._requests.server_info(), timeout)
