"""A retriever for Haystack. Install accord-client[haystack]."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, cast

from google.protobuf.json_format import MessageToDict, ParseDict
from haystack import Document, component, default_from_dict, default_to_dict
from haystack.utils import Secret, deserialize_secrets_inplace

from accord_client._api import message
from accord_client._async_client import AsyncClient
from accord_client._client import Client
from accord_client._connection import TLS
from accord_client._convert import decode, fill
from accord_client._options import Filter, SearchOptions
from accord_client._retrieval import metadata_of

if TYPE_CHECKING:
    from accord_client._results import SearchResponse


@component
class AccordRetriever:
    """Finds the passages that answer a query.

    Each document has the exact text of a passage as content, and its relevance, the estimated probability that it
    answers, as score. The meta has `start` and `end`, the range in code points of the text of `document`; title,
    source, publish_time, uri, page, language_code, relevance; and `confidence` (CONFIDENT, UNCERTAIN, OFF_TOPIC) of
    the answer as a whole. `Citation.of(content, meta)` makes a citation that `Client.verify` checks.

    Args:
        target: The server, as for `Client`.
        api_key: The API key, or None for a server without keys.
        tls: Whether to use TLS, or its files.
        collection: The id or the name of the collection.
        top_k: The maximum number of documents, 1 to 100.
        options: Other arguments of `Client.search`, such as filter, mode and min_relevance.
    """

    def __init__(
        self,
        target: str = "localhost:50051",
        *,
        api_key: Secret | None = None,
        tls: bool | TLS | None = None,
        collection: str = "default",
        top_k: int = 10,
        options: SearchOptions | None = None,
    ) -> None:
        self.target = target
        self.api_key = api_key
        self.tls = tls
        self.collection = collection
        self.top_k = top_k
        self.options: SearchOptions = options or {}
        key = None if api_key is None else api_key.resolve_value()
        self._client = Client(target, api_key=key, tls=tls, collection=collection)
        self._async_client = AsyncClient(target, api_key=key, tls=tls, collection=collection)

    @component.output_types(documents=list[Document])
    def run(self, query: str, top_k: int | None = None) -> dict[str, list[Document]]:
        """Returns the passages that best answer a query, best first, as `documents`."""
        return _documents(self._client.search(query, **self._search_options(top_k)))

    @component.output_types(documents=list[Document])
    async def run_async(self, query: str, top_k: int | None = None) -> dict[str, list[Document]]:
        """Does what run does."""
        return _documents(await self._async_client.search(query, **self._search_options(top_k)))

    def _search_options(self, top_k: int | None) -> SearchOptions:
        return cast("SearchOptions", {"page_size": top_k or self.top_k, **self.options})

    def to_dict(self) -> dict[str, Any]:
        """Returns the component as a dictionary, for a pipeline in YAML or JSON."""
        options: dict[str, Any] = dict(self.options)
        if "filter" in options:
            selected = fill(message("accord.v1.SearchRequest")(), {"filter": options["filter"]}).filter
            options["filter"] = MessageToDict(selected, preserving_proto_field_name=True)
        return default_to_dict(
            self,
            target=self.target,
            api_key=self.api_key.to_dict() if self.api_key else None,
            tls=asdict(self.tls) if isinstance(self.tls, TLS) else self.tls,
            collection=self.collection,
            top_k=self.top_k,
            options=options,
        )

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> AccordRetriever:
        """Returns the component that a dictionary describes."""
        values = data["init_parameters"]
        deserialize_secrets_inplace(values, keys=["api_key"])
        if isinstance(values.get("tls"), dict):
            values["tls"] = TLS(**values["tls"])
        options = values.get("options") or {}
        if "filter" in options:
            options["filter"] = decode(Filter, ParseDict(options["filter"], message("accord.v1.Filter")()))
        return default_from_dict(cls, data)


def _documents(response: SearchResponse) -> dict[str, list[Document]]:
    return {
        "documents": [
            Document(
                id=one.passage.name, content=one.passage.text, score=one.relevance, meta=metadata_of(one, response)
            )
            for one in response
        ]
    }
