"""A retriever for LangChain. Install accord-client[langchain]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from accord_client._async_client import AsyncClient
from accord_client._client import Client
from accord_client._retrieval import metadata_of

if TYPE_CHECKING:
    from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun

    from accord_client._options import SearchOptions
    from accord_client._results import SearchResponse


class AccordRetriever(BaseRetriever):
    """Finds the passages that answer a query.

    Each document has the exact text of a passage. Its metadata has `start` and `end`, the range in code points of the
    text of `document`; title, source, publish_time, uri, page, language_code; `relevance`, the estimated probability
    that it answers; and `confidence` (CONFIDENT, UNCERTAIN, OFF_TOPIC) of the answer as a whole.
    `Citation.of(page_content, metadata)` makes a citation that `Client.verify` checks.

    Attributes:
        client: The client that searches.
        async_client: The client of asynchronous searches. If None, they use `client` in a thread.
        k: The maximum number of passages, 1 to 100.
        options: Other arguments of `Client.search`, such as filter, mode and min_relevance; see `SearchOptions`.
    """

    client: Client
    async_client: AsyncClient | None = None
    k: int = 10
    options: dict[str, Any] = Field(default_factory=dict)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return _documents(self.client.search(query, **self._options()))

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        if self.async_client is None:
            return await super()._aget_relevant_documents(query, run_manager=run_manager)
        return _documents(await self.async_client.search(query, **self._options()))

    def _options(self) -> SearchOptions:
        return cast("SearchOptions", {"page_size": self.k, **self.options})


def _documents(response: SearchResponse) -> list[Document]:
    return [
        Document(id=one.passage.name, page_content=one.passage.text, metadata=metadata_of(one, response))
        for one in response
    ]
