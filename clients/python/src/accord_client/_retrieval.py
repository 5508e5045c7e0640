"""What the retrievers share: the metadata of a passage."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accord_client._results import SearchResponse, SearchResult

# What a language model needs to see of the metadata.
SHOWN = ("title", "source", "publish_time")


def metadata_of(result: SearchResult, response: SearchResponse) -> dict[str, Any]:
    """Returns the metadata of a passage: its citation without the text, its language, and how sure the answer is.

    All values fit into JSON. With the text, `Citation.of` makes a citation of them, which `Client.verify` checks.
    """
    metadata = asdict(result.cite())
    del metadata["text"]
    return {
        **metadata,
        "language_code": result.passage.language_code,
        "relevance": result.relevance,
        "confidence": response.confidence,
    }
