"""The retrievers return exact passages with their ranges, and citations that can be checked."""

import asyncio
import json
from datetime import datetime, timezone
from typing import Any

import pytest
from haystack import Pipeline
from haystack.utils import Secret
from llama_index.core.schema import MetadataMode, NodeRelationship, TextNode

from accord_client import TLS, AsyncClient, Citation, Client, Condition, Document, Filter, SearchOptions, TimeRange
from accord_client import haystack as for_haystack
from accord_client import langchain as for_langchain
from accord_client import llama_index as for_llama_index

TEXT = "港口 of Chancay.\n\nThe port opened in 2024."
PASSAGE = "The port opened in 2024."
OPTIONS: SearchOptions = {"filter": Filter(languages=["en"])}


@pytest.fixture
def filled(client: Client) -> Client:
    client.upsert_document(
        Document(name="port", title="The port", text=TEXT, language_code="en", source="Xinhua",
                 publish_time=datetime(2024, 5, 3, tzinfo=timezone.utc))
    )  # fmt: skip
    client.upsert_document(Document(name="puerto", text="The port, en español.", language_code="es"))
    return client


def check(client: Client, text: str, metadata: Any) -> None:
    """Checks the first of the passages that a retriever finds."""
    json.dumps(metadata)
    assert text == PASSAGE == TEXT[metadata["start"] : metadata["end"]]
    assert metadata["document"] == f"{client.collection}/documents/port"
    assert metadata["passage"] == f"{client.collection}/documents/port/passages/1"
    assert (metadata["title"], metadata["source"], metadata["language_code"]) == ("The port", "Xinhua", "en")
    assert metadata["publish_time"] == "2024-05-03T00:00:00+00:00"
    assert 0 <= metadata["relevance"] <= 1
    assert metadata["confidence"] in ("CONFIDENT", "UNCERTAIN", "OFF_TOPIC")
    cited = Citation.of(text, metadata)
    assert cited.text_digest.startswith("sha256:")
    assert client.verify(cited)
    assert not client.verify(Citation.of(text + "!", metadata))


def other(client: Client) -> AsyncClient:
    return AsyncClient(client._connection.target, collection=client.collection)


def test_langchain(filled: Client) -> None:
    retriever = for_langchain.AccordRetriever(client=filled, k=1, options=dict(OPTIONS))
    later = for_langchain.AccordRetriever(client=filled, async_client=other(filled), k=1, options=dict(OPTIONS))
    query = "port opened 2024"
    for found in (retriever.invoke(query), asyncio.run(retriever.ainvoke(query)), asyncio.run(later.ainvoke(query))):
        [document] = found
        check(filled, document.page_content, document.metadata)
        assert document.id == document.metadata["passage"]


def test_llama_index(filled: Client) -> None:
    retriever = for_llama_index.AccordRetriever(filled, similarity_top_k=1, options=OPTIONS)
    later = for_llama_index.AccordRetriever(filled, async_client=other(filled), similarity_top_k=1, options=OPTIONS)
    query = "port opened 2024"
    for found in (
        retriever.retrieve(query),
        asyncio.run(retriever.aretrieve(query)),
        asyncio.run(later.aretrieve(query)),
    ):
        [scored] = found
        node = scored.node
        assert isinstance(node, TextNode)
        check(filled, node.text, node.metadata)
        assert (node.start_char_idx, node.end_char_idx) == (node.metadata["start"], node.metadata["end"])
        assert scored.score == node.metadata["relevance"]
        assert node.relationships[NodeRelationship.SOURCE].node_id == node.metadata["document"]  # type: ignore[union-attr]
        assert "sha256" not in node.get_content(MetadataMode.LLM)
        assert "Xinhua" in node.get_content(MetadataMode.LLM)


def test_haystack(filled: Client) -> None:
    retriever = for_haystack.AccordRetriever(
        filled._connection.target, collection=filled.collection, top_k=1, options=OPTIONS
    )
    pipeline, later = Pipeline(), Pipeline()
    pipeline.add_component("retriever", retriever)
    again = Pipeline.loads(pipeline.dumps(), allowed_modules=["accord_client.haystack"])
    later.add_component("retriever", for_haystack.AccordRetriever.from_dict(retriever.to_dict()))
    asked = {"retriever": {"query": "port opened 2024"}}
    for found in (pipeline.run(asked), again.run(asked), asyncio.run(later.run_async(asked))):
        [document] = found["retriever"]["documents"]
        check(filled, document.content, document.meta)
        assert document.score == document.meta["relevance"]
        assert document.id == document.meta["passage"]
    assert len(pipeline.run({"retriever": {"query": "port", "top_k": 2}})["retriever"]["documents"]) == 2


def test_haystack_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCORD_API_KEY", "key")
    selected = Filter(
        published_after=datetime(2024, 1, 1, tzinfo=timezone.utc),
        metadata={"a": "b"},
        conditions=(
            Condition(any_condition=(Condition(field="title", any_of=("x",)), Condition(field="uri", exists=False))),
            Condition(field="publish_time", time=TimeRange(lt=datetime(2024, 1, 1, tzinfo=timezone.utc))),
        ),
    )
    retriever = for_haystack.AccordRetriever(
        "https://localhost",
        api_key=Secret.from_env_var("ACCORD_API_KEY"),
        tls=TLS(server_name="search"),
        options={"filter": selected, "mode": "LEXICAL"},
    )
    data = json.loads(json.dumps(retriever.to_dict()))
    assert "key" not in data["init_parameters"]["api_key"].values()
    again = for_haystack.AccordRetriever.from_dict(data)
    assert again.options == {"filter": selected, "mode": "LEXICAL"}
    assert again.tls == TLS(server_name="search")
    assert again.to_dict() == retriever.to_dict()
