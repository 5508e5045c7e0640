"""Documents, collections, and the results of writes.

Attributes that are not described have the meaning of the field with the same name in proto/accord/v1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from accord_client._errors import AccordError

PassageKind: TypeAlias = Literal["PARAGRAPH", "ARTICLE", "HEADING", "CAPTION"]
TimePrecision: TypeAlias = Literal["DATE", "MINUTE", "SECOND"]
IndexState: TypeAlias = Literal["COMPLETE", "PARTIAL", "PENDING", "FAILED"]
ModelServerRole: TypeAlias = Literal["EMBEDDING", "RERANKING"]
ModelServerState: TypeAlias = Literal["NOT_ASKED", "ANSWERING", "FAILING"]
WriteOutcome: TypeAlias = Literal["CREATED", "UPDATED", "UNCHANGED", "FAILED"]
WindowFailureReason: TypeAlias = Literal["REJECTED", "BAD_VECTOR", "TRUNCATED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRange:
    """A half-open range of a document's text.

    Attributes:
        start: The first code point, from 0.
        end: One past the last code point. `text[start:end]` is the text of the range.
        start_byte: The first byte of the text in UTF-8.
        end_byte: One past the last byte.
    """

    start: int
    end: int
    start_byte: int = 0
    end_byte: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A part of a document's text whose kind the writer knows: PARAGRAPH, HEADING or CAPTION.

    Attributes:
        kind: Its role.
        range: Where it is in the document's text.
        level: The level of a heading that is above the text after it: 1 for the outermost, at most 10. 0 for others.
    """

    kind: PassageKind
    range: TextRange
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFailure:
    """A piece of a passage that the model server failed to embed."""

    passage: str
    range: TextRange
    reason: WindowFailureReason | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One text of a collection, with its metadata.

    A writer sets the attributes from `name` to `page_starts`; name and text are required. The server sets the others.

    Attributes:
        name: collections/{collection}/documents/{document}, or only the id of the document, which is then in the
            collection of the client. Ids have 1 to 63 of a-z, 0-9 and inner hyphens.
        text: The text, without the title. The server stores it in Unicode normalisation form C. Empty in search
            results and lists.
        title: At most 2,000 code points.
        language_code: BCP-47 tag such as en or zh-Hant. If it is empty, the server detects the language.
        publish_time: When the source published the document, with a time zone. None if it is undated.
        publish_time_precision: How exactly publish_time is known. None means SECOND.
        source: The publisher, at most 500 code points.
        uri: Where the document was found.
        metadata: At most 64 keys and values.
        blocks: Parts of the text whose kind is known, in order.
        page_starts: The code points at which the pages of the source begin.
        text_digest: "sha256:" and the digest of the stored text.
        etag: Changes whenever the document changes.
        create_time: When the document was first written.
        update_time: When the document was last changed.
        index_state: Whether all of it can be found by meaning. None in search results.
        index_failures: The first 100 pieces of text that could not be embedded.
        index_error: Why index_state is FAILED.
    """

    name: str
    text: str = ""
    title: str = ""
    language_code: str = ""
    publish_time: datetime | None = None
    publish_time_precision: TimePrecision | None = None
    source: str = ""
    uri: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    page_starts: tuple[int, ...] = ()
    text_digest: str = ""
    etag: str = ""
    create_time: datetime | None = None
    update_time: datetime | None = None
    index_state: IndexState | None = None
    index_failures: tuple[WindowFailure, ...] = ()
    index_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalDocument:
    """A document that an import writes only if a condition holds. Without a condition it is written in any case.

    Only one of etag and must_not_exist can be given.

    Attributes:
        document: The document.
        etag: The etag that the stored document must have.
        must_not_exist: Whether the document must not exist yet.
    """

    document: Document
    etag: str | None = None
    must_not_exist: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertResult:
    """What the write of a document did.

    Attributes:
        document: The document as it is stored, without text and blocks.
        outcome: CREATED, UPDATED or UNCHANGED.
        passage_count: The number of its passages.
        failed_window_count: The number of pieces of text that could not be embedded.
    """

    document: Document
    outcome: WriteOutcome
    passage_count: int
    failed_window_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What an import did with one document.

    Attributes:
        name: The name of the document.
        outcome: FAILED if it was not written.
        error: Why it was not written. None if it was.
        text_digest: "sha256:" and the digest of the stored text.
        passage_count: The number of its passages.
        failed_window_count: The number of pieces of text that could not be embedded.
        calibrating: Whether scores may still change, since the server adapts to the new documents. It can be True only
            in the result of the last document.
        index_state: PENDING if it is embedded later. None if it was not written.
        etag: The etag of the stored document.
    """

    name: str
    outcome: WriteOutcome
    error: AccordError | None = field(metadata={"field": "status"})
    text_digest: str
    passage_count: int
    failed_window_count: int
    calibrating: bool
    index_state: IndexState | None
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedDocuments:
    """The documents that were deleted, or would be.

    Attributes:
        document_count: Their number.
        sample_documents: With validate_only, the names of the first 20.
    """

    document_count: int
    sample_documents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedDocument:
    """A document that could not be embedded, and the reason."""

    name: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestStatus:
    """How many documents of a collection are embedded."""

    pending_document_count: int
    indexed_document_count: int
    partial_document_count: int
    failed_document_count: int
    oldest_pending_time: datetime | None
    failed_documents: tuple[FailedDocument, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A collection of documents."""

    name: str
    active_space: str
    model: str
    document_count: int
    passage_count: int
    create_time: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneLoad:
    """The load of one kind of calls."""

    lane: str
    running_calls: int
    refused_calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """A model server, and whether it answers.

    Attributes:
        name: The name in the configuration, or "rerank" for the reranking server.
        model: Empty if it is not known.
        state_start_time: Since when it has had its state.
        request_time: When the latest request to it ended.
        latency: How long the latest successful request took.
    """

    name: str
    role: ModelServerRole | None
    model: str
    state: ModelServerState | None
    state_start_time: datetime | None
    request_time: datetime | None
    latency: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerInfo:
    """The version and the load of a server, and the state of its model servers."""

    version: str
    start_time: datetime
    lanes: tuple[LaneLoad, ...]
    model_servers: tuple[ModelServer, ...]
