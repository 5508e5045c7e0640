"""The calls that both the synchronous and the asynchronous client make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from accord_client._api import Method, method
from accord_client._convert import decode, fill
from accord_client._documents import Collection, DeletedDocuments, Document, IngestStatus, ServerInfo, UpsertResult
from accord_client._options import DocumentView, Filter, SearchOptions
from accord_client._results import BatchSearchAnswer, Passage, SearchResponse
from accord_client._spaces import ActivationResult, Space, SpaceDetails

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """A call to make.

    Attributes:
        method: The method.
        request: The request.
        decode: Turns the response into the result.
        writes: Whether the method writes.
    """

    method: Method
    request: Any
    decode: Callable[[Any], T]
    writes: bool = False


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of a list, and the token of the next page, which is empty on the last."""

    items: list[T]
    next_page_token: str


def _call(
    service: str, name: str, fields: Mapping[str, Any], read: Callable[[Any], T], *, writes: bool = False
) -> Call[T]:
    found = method(service, name)
    return Call(found, fill(found.request(), fields), read, writes)


def _part(cls: type[T], name: str) -> Callable[[Any], T]:
    """Returns a function that decodes a field of a response."""
    return lambda response: decode(cls, getattr(response, name))


def _list(cls: type[T], name: str, response: Any) -> list[T]:
    return [decode(cls, item) for item in getattr(response, name)]


def _page(cls: type[T], name: str) -> Callable[[Any], Page[T]]:
    return lambda response: Page(_list(cls, name, response), response.next_page_token)


_search, _ingest, _collections, _spaces = (
    partial(_call, service) for service in ("SearchService", "IngestService", "CollectionService", "SpaceService")
)


def set_precondition(request: Any, etag: str | None, must_not_exist: bool) -> None:
    if must_not_exist and etag is not None:
        raise ValueError("etag and must_not_exist: a document cannot have an etag and not exist; give one of the two")
    if must_not_exist:
        request.precondition.must_not_exist = True
    if etag is not None:
        request.precondition.etag = etag


class Requests:
    """Makes calls. Names without a slash are ids: of a collection, or of a document or a space in the given one."""

    def __init__(self, collection: str) -> None:
        self.collection = collection if "/" in collection else f"collections/{collection}"

    def parent(self, collection: str | None) -> str:
        """Returns the name of a collection."""
        return Requests(collection).collection if collection else self.collection

    def document_name(self, name: str) -> str:
        """Returns the name of a document."""
        return name if "/" in name else f"{self.collection}/documents/{name}"

    def space_name(self, name: str) -> str:
        """Returns the name of a space."""
        return name if "/" in name else f"{self.collection}/spaces/{name}"

    def named(self, document: Document) -> Document:
        """Returns a document with its whole name."""
        return replace(document, name=self.document_name(document.name))

    def search(self, query: str, collection: str | None, options: SearchOptions) -> Call[SearchResponse]:
        unknown = options.keys() - SearchOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"search has no keyword argument {', '.join(sorted(unknown))}")
        fields = {"query": query, "parent": self.parent(collection), **options}
        return _search("Search", fields, partial(decode, SearchResponse))

    def batch_search(
        self, queries: Sequence[str], collection: str | None, options: SearchOptions
    ) -> Call[list[BatchSearchAnswer]]:
        if isinstance(queries, str):  # which would be a query for each character
            raise TypeError("queries: must be a list of queries, not a string")
        call = _search("BatchSearch", {"parent": self.parent(collection)}, partial(_list, BatchSearchAnswer, "answers"))
        for query in queries:
            call.request.requests.append(self.search(query, collection, options).request)
        return call

    def batch_get_passages(self, names: Sequence[str], collection: str | None) -> Call[list[Passage]]:
        fields = {"parent": self.parent(collection), "names": names}
        return _search("BatchGetPassages", fields, partial(_list, Passage, "passages"))

    def get_document(self, name: str, view: DocumentView | None, text_range: tuple[int, int] | None) -> Call[Document]:
        call = _search("GetDocument", {"name": self.document_name(name), "view": view}, _part(Document, "document"))
        if text_range is not None:
            fill(call.request.text_range, {"start": text_range[0], "end": text_range[1]}, "text_range.")
            call.request.text_range.SetInParent()
        return call

    def list_documents(
        self, collection: str | None, selected: Filter | None, page_size: int, token: str
    ) -> Call[Page[Document]]:
        fields = {"parent": self.parent(collection), "filter": selected, "page_size": page_size, "page_token": token}
        return _search("ListDocuments", fields, _page(Document, "documents"))

    def upsert_document(
        self, document: Document, wait_for_index: bool | None, etag: str | None, must_not_exist: bool
    ) -> Call[UpsertResult]:
        fields = {"document": self.named(document), "wait_for_index": wait_for_index}
        call = _ingest("UpsertDocument", fields, partial(decode, UpsertResult), writes=True)
        set_precondition(call.request, etag, must_not_exist)
        return call

    def delete_document(self, name: str, etag: str | None) -> Call[None]:
        return _ingest("DeleteDocument", {"name": self.document_name(name), "etag": etag}, lambda _: None, writes=True)

    def delete_documents(
        self,
        collection: str | None,
        selected: Filter | None,
        validate_only: bool,
        force: bool,
    ) -> Call[DeletedDocuments]:
        fields = {"parent": self.parent(collection), "filter": selected, "validate_only": validate_only, "force": force}
        return _ingest("DeleteDocuments", fields, partial(decode, DeletedDocuments), writes=True)

    def ingest_status(self, collection: str | None) -> Call[IngestStatus]:
        return _ingest("GetIngestStatus", {"parent": self.parent(collection)}, partial(decode, IngestStatus))

    def retry_failed_documents(self, collection: str | None) -> Call[int]:
        fields = {"parent": self.parent(collection)}
        return _ingest("RetryFailedDocuments", fields, lambda response: int(response.document_count), writes=True)

    def create_collection(self, collection_id: str, model_server: str) -> Call[Collection]:
        fields = {"collection_id": collection_id, "model_server": model_server}
        return _collections("CreateCollection", fields, _part(Collection, "collection"), writes=True)

    def get_collection(self, collection: str | None) -> Call[Collection]:
        return _collections("GetCollection", {"name": self.parent(collection)}, _part(Collection, "collection"))

    def list_collections(self, page_size: int, token: str) -> Call[Page[Collection]]:
        fields = {"page_size": page_size, "page_token": token}
        return _collections("ListCollections", fields, _page(Collection, "collections"))

    def delete_collection(self, collection: str, force: bool) -> Call[None]:
        fields = {"name": self.parent(collection), "force": force}
        return _collections("DeleteCollection", fields, lambda _: None, writes=True)

    def create_space(self, collection: str | None, model_server: str) -> Call[Space]:
        fields = {"parent": self.parent(collection), "model_server": model_server}
        return _spaces("CreateSpace", fields, _part(Space, "space"), writes=True)

    def get_space(self, name: str, with_fingerprint: bool) -> Call[SpaceDetails]:
        fields = {"name": self.space_name(name), "with_fingerprint": with_fingerprint}
        return _spaces("GetSpace", fields, partial(decode, SpaceDetails))

    def list_spaces(self, collection: str | None, page_size: int, token: str) -> Call[Page[Space]]:
        fields = {"parent": self.parent(collection), "page_size": page_size, "page_token": token}
        return _spaces("ListSpaces", fields, _page(Space, "spaces"))

    def activate_space(
        self, name: str, validate_only: bool, compare_queries: Sequence[str], compare_recent: int, min_overlap: float
    ) -> Call[ActivationResult]:
        if isinstance(compare_queries, str):  # which would be a query for each character
            raise TypeError("compare_queries: must be a list of queries, not a string")
        fields = {
            "name": self.space_name(name),
            "validate_only": validate_only,
            "compare_queries": compare_queries,
            "compare_recent": compare_recent,
            "min_overlap": min_overlap,
        }
        return _spaces("ActivateSpace", fields, partial(decode, ActivationResult), writes=True)

    def delete_space(self, name: str) -> Call[None]:
        return _spaces("DeleteSpace", {"name": self.space_name(name)}, lambda _: None, writes=True)

    def server_info(self) -> Call[ServerInfo]:
        return _call("ServerService", "GetServerInfo", {}, partial(decode, ServerInfo))
