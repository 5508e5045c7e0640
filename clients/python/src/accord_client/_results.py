"""What a search returns.

Attributes that are not described have the meaning of the field with the same name in
proto/accord/v1/search_service.proto.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from accord_client._documents import Document, PassageKind, TextRange
from accord_client._errors import AccordError

MatchConfidence: TypeAlias = Literal["CONFIDENT", "UNCERTAIN", "OFF_TOPIC"]
Degradation: TypeAlias = Literal["EMBEDDER_UNAVAILABLE", "LEXICAL_UNAVAILABLE", "RERANKER_UNAVAILABLE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One paragraph or one numbered article of a document.

    Attributes:
        name: collections/{collection}/documents/{document}/passages/{ordinal}.
        ordinal: Its position among the document's passages, from 0.
        kind: Its role.
        label: The number of an article as the text has it.
        label_path: The headings and numbers above it, the outermost first, and its own number.
        text: Exactly the part of the document's text that `range` gives.
        language_code: BCP-47 tag of its language.
        range: Where it is in the document's text.
        page: The page on which it begins, from 1. 0 if the document has no pages.
        page_end: The page on which it ends.
    """

    name: str
    ordinal: int
    kind: PassageKind
    label: str
    label_path: tuple[str, ...] = ()
    text: str
    language_code: str
    range: TextRange
    page: int
    page_end: int

    def cut(self, part: TextRange) -> str:
        """Returns the text of a range of the document that is inside of this passage."""
        return self.text[part.start - self.range.start : part.end - self.range.start]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """A passage in another language that probably says the same.

    Attributes:
        passage: The name of the passage.
        language_code: BCP-47 tag of its language.
        similarity: How alike the two are, .5 to 1.
        content: The passage with its text, if the search had group_translations.
    """

    passage: str
    language_code: str
    similarity: float
    content: Passage | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The scores of a result. None if that part of the search did not consider the passage.

    Attributes:
        relevance: The estimated probability that the passage answers, 0 to 1. Show and compare this one.
        dense_similarity: Cosine of the vectors as the model made them.
        dense_rank: The rank by meaning, from 1.
        lexical_score: BM25 of the words.
        lexical_rank: The rank by words, from 1.
        fused: The score that orders the results.
        rerank: The score of the reranking model.
        named_article: Whether the query names this article by its number.
        pivot_similarity: How alike the best passage and this one are, if that moved it up.
    """

    relevance: float | None
    dense_similarity: float | None
    dense_rank: int | None
    lexical_score: float | None
    lexical_rank: int | None
    fused: float | None
    rerank: float | None
    named_article: bool
    pivot_similarity: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """The source of a text. `Client.verify` checks it, and `dataclasses.asdict` turns it into a dictionary for JSON.

    Attributes:
        document: The name of the document.
        passage: The name of the passage.
        text: The exact text.
        start: Its first code point in the document's text.
        end: One past its last code point.
        title: The title of the document.
        source: The publisher.
        publish_time: When it was published, by ISO 8601. Empty if it is undated.
        uri: Where the document was found.
        page: The page on which the passage begins. 0 if the document has no pages.
        text_digest: "sha256:" and the digest of the document's text.
    """

    document: str
    passage: str
    text: str
    start: int
    end: int
    title: str = ""
    source: str = ""
    publish_time: str = ""
    uri: str = ""
    page: int = 0
    text_digest: str = ""

    @classmethod
    def of(cls, text: str, metadata: Mapping[str, Any]) -> Citation:
        """Returns the citation of a text that a retriever returned with this metadata."""
        return cls(text=text, **{part.name: metadata[part.name] for part in fields(cls) if part.name in metadata})


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """A passage that answers the query.

    Attributes:
        passage: The passage with its text.
        document: Its document, without the text.
        scores: Why it is at this place.
        highlights: The sentences that answer best, as ranges of the document's text. `passage.cut` returns a text.
        matched_terms: The words of the query in the passage, as ranges of the document's text.
        copies: Names of passages that repeat the text.
        previous_passages: Up to context_passages passages before it.
        next_passages: The same for the passages after it.
        translations: Passages in other languages that probably say the same.
    """

    passage: Passage
    document: Document
    scores: Scores
    highlights: tuple[TextRange, ...]
    matched_terms: tuple[TextRange, ...]
    copies: tuple[str, ...]
    previous_passages: tuple[Passage, ...]
    next_passages: tuple[Passage, ...]
    translations: tuple[Translation, ...]

    @property
    def relevance(self) -> float:
        """The estimated probability that the passage answers, 0 to 1."""
        return self.scores.relevance or 0.0

    @property
    def quotes(self) -> tuple[Citation, ...]:
        """The sentences that answer best, or the whole passage if the server chose none."""
        return tuple(self.cite(part) for part in self.highlights or (self.passage.range,))

    def cite(self, part: TextRange | None = None) -> Citation:
        """Returns a citation of the passage, or of a range inside of it, such as a highlight."""
        part = part or self.passage.range
        document = self.document
        return Citation(
            document=document.name,
            passage=self.passage.name,
            text=self.passage.cut(part),
            start=part.start,
            end=part.end,
            title=document.title,
            source=document.source,
            publish_time=document.publish_time.isoformat() if document.publish_time else "",
            uri=document.uri,
            page=self.passage.page,
            text_digest=document.text_digest,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NullSimilarity:
    """The similarity that queries without an answer reach: mean and standard deviation."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchInfo:
    """How an answer was made.

    Attributes:
        match_confidence: CONFIDENT: show the results as answers. UNCERTAIN: say that they may not answer. OFF_TOPIC:
            say that nothing was found.
        degraded: The parts of the search that failed.
        unmatched_phrases: Quoted phrases that no passage holds.
    """

    space: str
    model: str
    query_language_code: str
    match_confidence: MatchConfidence
    no_confident_match: bool
    candidate_count: int
    degraded: tuple[Degradation, ...]
    possibly_incomplete: bool
    unmatched_phrases: tuple[str, ...]
    null_similarity: NullSimilarity | None
    calibration_generation: int
    embed_duration: timedelta
    retrieve_duration: timedelta
    lexical_duration: timedelta
    rank_duration: timedelta
    rerank_duration: timedelta
    fetch_duration: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value of a field, and how many results have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """How many results of all pages have each value of a field.

    Attributes:
        field: The field, as the search names it.
        values: The values with the most results, the highest count first.
        other_count: The number of results with other values.
        missing_count: The number of results without a value.
    """

    field: str
    values: tuple[FacetValue, ...]
    other_count: int
    missing_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResponse:
    """One page of results, best first. It can be iterated over.

    Attributes:
        results: The results.
        search_info: How the answer was made.
        next_page_token: The `page_token` of the next page. Empty on the last one.
        facets: The counts that the search asks for. Only the first page has them.
    """

    results: tuple[SearchResult, ...]
    search_info: SearchInfo
    next_page_token: str
    facets: tuple[Facet, ...]

    @property
    def confidence(self) -> MatchConfidence:
        """How sure the server is that a passage answers: CONFIDENT, UNCERTAIN or OFF_TOPIC."""
        return self.search_info.match_confidence

    def __iter__(self) -> Iterator[SearchResult]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSearchAnswer:
    """The answer to one question of a batch: a response or an error; the other is None."""

    response: SearchResponse | None
    error: AccordError | None = field(metadata={"field": "status"})
