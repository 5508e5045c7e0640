"""The options of a search."""

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
class NumberRange:
    """Numbers above (gt), at or above (gte), below (lt), and at or below (lte) a bound."""

    gt: float | None = None
    gte: float | None = None
    lt: float | None = None
    lte: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange:
    """Times after (gt), at or after (gte), before (lt), and at or before (lte) a bound."""

    gt: datetime | None = None
    gte: datetime | None = None
    lt: datetime | None = None
    lte: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition on a document: a field and one test of it, or a combination of conditions without a field.

    Attributes:
        field: metadata.KEY, title, source, uri, publish_time, create_time or update_time.
        any_of: The value is one of these.
        none_of: The value is none of these, or there is none.
        exists: Whether there is a value.
        number: The value is a number in this range.
        time: The value is a time in this range.
        any_condition: At least one of these conditions holds.
        all_conditions: All of these hold.
        no_condition: None of these holds.
    """

    field: str = ""
    any_of: Sequence[str] | None = None
    none_of: Sequence[str] | None = None
    exists: bool | None = None
    number: NumberRange | None = None
    time: TimeRange | None = None
    any_condition: Sequence[Condition] | None = None
    all_conditions: Sequence[Condition] | None = None
    no_condition: Sequence[Condition] | None = None


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
        conditions: Further conditions, such as any of several values, or numbers in a range.
    """

    languages: Sequence[str] = ()
    sources: Sequence[str] = ()
    documents: Sequence[str] = ()
    kinds: Sequence[PassageKind] = ()
    published_after: datetime | None = None
    published_before: datetime | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    conditions: Sequence[Condition] = ()


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
    # How much words count against meaning, 0 to 1, in the mode HYBRID.
    lexical_weight: float
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
    # "publish_time" or "publish_time desc". The default is the best first.
    order_by: str
    # What to count the results by: language_code, kind, source, publish_year or metadata.KEY.
    facets: Sequence[str]
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
