"""What a search may be given besides its query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias, TypedDict

from accord_client._documents import PassageKind

SearchMode: TypeAlias = Literal["HYBRID", "SEMANTIC", "LEXICAL"]
LanguagePolicy: TypeAlias = Literal["ANY", "QUERY_LANGUAGE", "BALANCED"]
OnEmbedderFailure: TypeAlias = Literal["LEXICAL_ONLY", "FAIL"]
DocumentView: TypeAlias = Literal["BASIC", "FULL"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Selects documents or passages. All conditions must hold. Empty ones set no condition.

    Attributes:
        languages: BCP-47 language ranges, such as zh, which matches zh-Hant too.
        sources: Sources that must match exactly.
        documents: Names of documents.
        kinds: The kinds of passages.
        published_after: Published at or after this time.
        published_before: Published before this time.
        metadata: Keys of metadata and their values.
    """

    languages: Sequence[str] = ()
    sources: Sequence[str] = ()
    documents: Sequence[str] = ()
    kinds: Sequence[PassageKind] = ()
    published_after: datetime | None = None
    published_before: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


class SearchOptions(TypedDict, total=False):
    """The keyword arguments of a search. The server has a default for each."""

    # The number of results of a page, 1 to 100. The default is 10.
    page_size: int
    # The next_page_token of the previous page.
    page_token: str
    # The passages to search.
    filter: Filter
    # How passages are found: by meaning and words (HYBRID, the default), meaning, or words.
    mode: SearchMode
    # ANY, the default: passages of all languages are ranked together. QUERY_LANGUAGE: only those in the language of
    # the query. BALANCED: each language has a share.
    language_policy: LanguagePolicy
    # BCP-47 tag of the query's language. If absent, the server detects it.
    query_language_code: str
    # The relevance that a result must have, 0 to 1.
    min_relevance: float
    # The maximum number of results from one document, 1 to 100.
    max_passages_per_document: int
    # Whether passages with the same words as a better one stay in the results.
    keep_duplicates: bool
    # How much a passage loses by its likeness to passages before it, 0 to 1.
    diversity: float
    # The number of passages to return before and after each result, 0 to 3.
    context_passages: int
    # Whether a reranking model orders the first results.
    rerank: bool
    # Whether translations of the best passage are returned with it, and not among the results.
    group_translations: bool
    # What to do if the model server is down: LEXICAL_ONLY, the default, compares only words.
    on_embedder_failure: OnEmbedderFailure
