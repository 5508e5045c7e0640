"""The synchronous client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from accord_client._errors import NotFoundError
from accord_client._imports import TRIES, Documents, pause
from accord_client._space_calls import SpaceCalls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

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


class Client(SpaceCalls):
    """Calls a server. Threads may share a client.

    Every call has a deadline. Reads are repeated while the server is unavailable.

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

    def search(
        self,
        query: str,
        *,
        collection: str | None = None,
        timeout: float | None = None,
        **options: Unpack[SearchOptions],
    ) -> SearchResponse:
        """Returns the passages that best answer a query, best first: one page of them.

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
        return self._run(self._requests.search(query, collection, options), timeout)

    def search_pages(
        self,
        query: str,
        *,
        collection: str | None = None,
        timeout: float | None = None,
        **options: Unpack[SearchOptions],
    ) -> Iterator[SearchResponse]:
        """Returns all pages of a search, one call for each. A list has about 500 passages at most."""
        page = self._run(self._requests.search(query, collection, options), timeout)
        yield page
        while page.next_page_token:
            options["page_token"] = page.next_page_token
            page = self._run(self._requests.search(query, collection, options), timeout)
            yield page

    def batch_search(
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
        return self._run(self._requests.batch_search(queries, collection, options), timeout)

    def batch_get_passages(
        self, names: Sequence[str], *, collection: str | None = None, timeout: float | None = None
    ) -> list[Passage]:
        """Returns up to 100 passages of a collection by name, in the order of the names.

        Raises:
            NotFoundError: One does not exist.
        """
        return self._run(self._requests.batch_get_passages(names, collection), timeout)

    def verify(self, citation: Citation, *, timeout: float | None = None) -> bool:
        """Reports whether the stored document still has exactly the cited text at that place."""
        try:
            cited = self.get_document(citation.document, text_range=(citation.start, citation.end), timeout=timeout)
        except NotFoundError:
            return False
        return cited.text == citation.text

    def get_document(
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
        return self._run(self._requests.get_document(name, view, text_range), timeout)

    def list_documents(
        self,
        *,
        collection: str | None = None,
        filter: Filter | None = None,  # noqa: A002 - the name in the API
        page_size: int = 0,
        timeout: float | None = None,
    ) -> Iterator[Document]:
        """Returns a collection's documents by name, without their texts.

        Each page is one call with its own deadline.
        """
        return self._pages(lambda token: self._requests.list_documents(collection, filter, page_size, token), timeout)

    def upsert_document(
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
        return self._run(call, timeout)

    def import_documents(
        self,
        documents: Iterable[Document | ConditionalDocument],
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
            documents: The documents, with their conditions if they have any. Another thread reads them while they are
                sent, so they need not fit into memory.
            collection: The id or the name of the collection to which all of them belong.
            wait_for_index: Whether the result of a document waits until it is embedded. The default is True.
            progress: Called after each document with the number of results so far and the last of them.
            timeout: The deadline of the whole import in seconds. The default is a day.

        Raises:
            AccordError: The import ended early. The documents for which progress was called are answered.
        """
        sending = Documents(self._requests, collection, wait_for_index, documents)
        results: list[ImportResult] = []

        def answered(answer: Any) -> None:
            results.append(sending.answered(answer))
            if progress is not None:
                progress(len(results), results[-1])

        end, tries, before = time.monotonic() + timeout, 0, -1
        while (error := self._stream(sending, answered, end - time.monotonic())) is not None:
            tries, before = (tries + 1 if len(results) == before else 1), len(results)
            if error.code != "UNAVAILABLE" or tries == TRIES:
                raise error
            time.sleep(max(0, min(pause(tries, error.retry_after), end - time.monotonic())))
        if sending.failure is not None:
            raise sending.failure
        return results

    def delete_document(self, name: str, *, etag: str | None = None, timeout: float | None = None) -> None:
        """Removes a document. If an etag is given, the document must have it.

        Raises:
            NotFoundError: It does not exist.
            AbortedError: Its etag differs.
        """
        self._run(self._requests.delete_document(name, etag), timeout)

    def delete_documents(
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
        return self._run(call, timeout)

    def get_ingest_status(self, *, collection: str | None = None, timeout: float | None = None) -> IngestStatus:
        """Returns how many documents of a collection are embedded."""
        return self._run(self._requests.ingest_status(collection), timeout)

    def retry_failed_documents(self, *, collection: str | None = None, timeout: float | None = None) -> int:
        """Queues the documents that could not be embedded, to be embedded again. Returns their number."""
        return self._run(self._requests.retry_failed_documents(collection), timeout)

    def create_collection(
        self, collection_id: str, *, model_server: str = "", timeout: float | None = None
    ) -> Collection:
        """Creates a collection that uses the model of a configured model server.

        Raises:
            AlreadyExistsError: The id is taken.
        """
        return self._run(self._requests.create_collection(collection_id, model_server), timeout)

    def get_collection(self, collection: str | None = None, *, timeout: float | None = None) -> Collection:
        """Returns a collection by its id or name, by default that of the client."""
        return self._run(self._requests.get_collection(collection), timeout)

    def list_collections(self, *, page_size: int = 0, timeout: float | None = None) -> Iterator[Collection]:
        """Returns the collections by name. Each page is one call with its own deadline."""
        return self._pages(lambda token: self._requests.list_collections(page_size, token), timeout)

    def delete_collection(self, collection: str, *, force: bool = False, timeout: float | None = None) -> None:
        """Removes a collection by its id or name. One with documents needs force."""
        self._run(self._requests.delete_collection(collection, force), timeout)

    def get_server_info(self, *, timeout: float | None = None) -> ServerInfo:
        """Returns the version and the load of the server that answers."""
        return self._run(self._requests.server_info(), timeout)
