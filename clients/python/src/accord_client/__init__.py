"""Client of Accord, a search service that answers with exact passages of documents in several languages.

    with Client("localhost:50051") as client:
        for result in client.search("what was agreed on digital economy"):
            print(result.relevance, result.passage.text)

`AsyncClient` has the same methods for asyncio. The modules langchain, llama_index and haystack have retrievers.
"""

from accord_client._async_client import AsyncClient
from accord_client._client import Client
from accord_client._connection import TLS
from accord_client._documents import (
    Block,
    Collection,
    ConditionalDocument,
    DeletedDocuments,
    Document,
    FailedDocument,
    ImportResult,
    IngestStatus,
    LaneLoad,
    ModelServer,
    ServerInfo,
    TextRange,
    UpsertResult,
    WindowFailure,
)
from accord_client._errors import (
    AbortedError,
    AccordError,
    AlreadyExistsError,
    CancelledError,
    DeadlineExceededError,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    PermissionDeniedError,
    ResourceExhaustedError,
    UnauthenticatedError,
    UnavailableError,
    Violation,
)
from accord_client._options import Condition, Filter, NumberRange, SearchOptions, TimeRange
from accord_client._results import (
    BatchSearchAnswer,
    Citation,
    Facet,
    FacetValue,
    NullSimilarity,
    Passage,
    Scores,
    SearchInfo,
    SearchResponse,
    SearchResult,
    Translation,
)
from accord_client._spaces import ActivationResult, QueryOverlap, Space, SpaceComparison, SpaceDetails
from accord_client._version import __version__

__all__ = [
    "TLS",
    "AbortedError",
    "AccordError",
    "ActivationResult",
    "AlreadyExistsError",
    "AsyncClient",
    "BatchSearchAnswer",
    "Block",
    "CancelledError",
    "Citation",
    "Client",
    "Collection",
    "Condition",
    "ConditionalDocument",
    "DeadlineExceededError",
    "DeletedDocuments",
    "Document",
    "Facet",
    "FacetValue",
    "FailedDocument",
    "FailedPreconditionError",
    "Filter",
    "ImportResult",
    "IngestStatus",
    "InvalidArgumentError",
    "LaneLoad",
    "ModelServer",
    "NotFoundError",
    "NullSimilarity",
    "NumberRange",
    "Passage",
    "PermissionDeniedError",
    "QueryOverlap",
    "ResourceExhaustedError",
    "Scores",
    "SearchInfo",
    "SearchOptions",
    "SearchResponse",
    "SearchResult",
    "ServerInfo",
    "Space",
    "SpaceComparison",
    "SpaceDetails",
    "TextRange",
    "TimeRange",
    "Translation",
    "UnauthenticatedError",
    "UnavailableError",
    "UpsertResult",
    "Violation",
    "WindowFailure",
    "__version__",
]
