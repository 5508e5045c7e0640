"""A retriever for LlamaIndex. Install accord-client[llama-index]."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from accord_client._retrieval import SHOWN, metadata_of

if TYPE_CHECKING:
    from accord_client._async_client import AsyncClient
    from accord_client._client import Client
    from accord_client._options import SearchOptions
    from accord_client._results import SearchResponse, SearchResult


class AccordRetriever(BaseRetriever):
    """Finds the passages that answer a query.

    Each node has the exact text of a passage, and its range in code points of the document's text as start_char_idx
    and end_char_idx. The score is the relevance, the estimated probability that it answers. The metadata has document,
    start, end, title, source, publish_time, uri, page, language_code, relevance, and the `confidence` (CONFIDENT,
    UNCERTAIN, OFF_TOPIC) of the answer as a whole. Language models are shown only title, source and publish_time.
    `Citation.of(text, metadata)` makes a citation that `Client.verify` checks.

    Args:
        client: The client that searches.
        async_client: The client of asynchronous searches. If None, they use `client` in a thread.
        similarity_top_k: The maximum number of passages, 1 to 100.
        options: Other arguments of `Client.search`, such as filter, mode and min_relevance.
    """

    def __init__(
        self,
        client: Client,
        *,
        async_client: AsyncClient | None = None,
        similarity_top_k: int = 10,
        options: SearchOptions | None = None,
    ) -> None:
        super().__init__()
        self._client = client
        self._async_client = async_client
        self._options = cast("SearchOptions", {"page_size": similarity_top_k, **(options or {})})

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return _nodes(self._client.search(query_bundle.query_str, **self._options))

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        if self._async_client is None:
            return await asyncio.to_thread(self._retrieve, query_bundle)
        return _nodes(await self._async_client.search(query_bundle.query_str, **self._options))


def _nodes(response: SearchResponse) -> list[NodeWithScore]:
    return [NodeWithScore(node=_node(one, response), score=one.relevance) for one in response]


def _node(result: SearchResult, response: SearchResponse) -> TextNode:
    metadata = metadata_of(result, response)
    hidden = [key for key in metadata if key not in SHOWN]
    return TextNode(
        id_=result.passage.name,
        text=result.passage.text,
        start_char_idx=result.passage.range.start,
        end_char_idx=result.passage.range.end,
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=hidden,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=result.document.name)},
    )
