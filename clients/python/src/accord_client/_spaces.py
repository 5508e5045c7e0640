"""Embedding spaces, and what switching a collection to another one returns.

Attributes that are not described have the meaning of the field with the same name in
proto/accord/v1/space_service.proto.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from accord_client._documents import WindowFailure

SpaceState: TypeAlias = Literal["BUILDING", "READY", "ACTIVE", "RETIRED"]
PrefixBy: TypeAlias = Literal["CLIENT", "SERVER"]
Windowing: TypeAlias = Literal["PASSAGES", "SENTENCES"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The vectors of a collection's passages made with one model and one set of settings.

    Attributes:
        name: collections/{collection}/spaces/{space}.
        state: The collection is searched in the ACTIVE space. A READY or a RETIRED one may be activated. A BUILDING one
            still lacks documents.
        model_server: The configured name of the model server that the space was created with.
        progress: The share of the documents that are in the space, 0 to 1.
        activate_time: When the space last became ACTIVE. None if it never did.
        fingerprint: The model's vectors of probe texts. Empty unless get_space asks for it.
    """

    name: str
    state: SpaceState
    model: str
    model_server: str
    dimensions: int
    max_tokens: int
    query_prefix: str
    passage_prefix: str
    prefix_by: PrefixBy | None
    windowing: Windowing | None
    document_count: int
    pending_document_count: int
    window_count: int
    failed_window_count: int
    progress: float
    create_time: datetime
    activate_time: datetime | None
    fingerprint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceDetails:
    """A space, and the first 100 pieces of text that its model server will never embed."""

    space: Space
    failures: tuple[WindowFailure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOverlap:
    """The share of the first ten passages of a query in one space that are also among the first ten in the other."""

    query: str
    overlap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceComparison:
    """How much the results in two spaces overlap.

    Attributes:
        query_count: The number of queries compared.
        mean_overlap: 0 to 1. 0 if there were no queries.
        queries: The queries of the call, then the recent ones, the latest first.
    """

    query_count: int
    mean_overlap: float
    queries: tuple[QueryOverlap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationResult:
    """What the activation of a space did.

    Attributes:
        space: The space, which is ACTIVE unless the call had validate_only.
        comparison: The comparison with the space that was active. None if the call asked for none.
    """

    space: Space
    comparison: SpaceComparison | None
