"""The asynchronous client on a real server, with keys and TLS."""

import asyncio
import inspect
import os

import pytest

from accord_client import (
    TLS,
    AsyncClient,
    Client,
    Document,
    Filter,
    InvalidArgumentError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)

GUARDED = os.environ.get("ACCORD_TEST_TLS_TARGET", "")


def test_same_methods() -> None:
    def arguments(cls: type) -> dict[str, list[str]]:
        members = inspect.getmembers(cls, inspect.isfunction)  # with those of its base classes
        public = {name: value for name, value in members if not name.startswith("_")}
        return {name: list(inspect.signature(value).parameters) for name, value in public.items()}

    assert "activate_space" in arguments(Client)
    assert arguments(AsyncClient) == arguments(Client)


def test_calls(target: str) -> None:
    async def run() -> None:
        async with AsyncClient(target, collection="test-async") as client:
            await client.create_collection("test-async")
            for number in range(5):
                await client.upsert_document(Document(name=f"note-{number}", text=f"Note {number} on the port."))
            assert len([one async for one in client.list_documents(page_size=2)]) == 5
            pages = [page async for page in client.search_pages("port", page_size=2, keep_duplicates=True)]
            assert [len(page) for page in pages] == [2, 2, 1]
            assert await client.verify(pages[0].results[0].cite())
            [answer] = await client.batch_search(["port"])
            assert answer.response is not None
            passage = answer.response.results[0].passage
            assert await client.batch_get_passages([passage.name]) == [passage]
            assert (await client.get_document("note-1")).text == "Note 1 on the port."
            assert (await client.get_ingest_status()).indexed_document_count == 5
            assert await client.retry_failed_documents() == 0
            assert (
                await client.delete_documents(filter=Filter(documents=[f"{client.collection}/documents/note-2"]))
            ).document_count == 1
            await client.delete_document("note-3")
            assert (await client.get_collection()).document_count == 3
            assert client.collection in [one.name async for one in client.list_collections()]
            assert (await client.get_server_info()).version
            with pytest.raises(InvalidArgumentError) as failed:
                await client.search("port", min_relevance=2)
            assert failed.value.violations[0].field == "min_relevance"
            assert failed.value.request_id
            await client.delete_collection("test-async", force=True)
            with pytest.raises(NotFoundError):
                await client.get_collection()

    asyncio.run(run())


def test_event_loops(target: str) -> None:
    """A client works in one loop after another."""
    client = AsyncClient(target)

    async def run() -> None:
        await client.get_server_info()
        await client.close()

    asyncio.run(client.get_server_info())
    asyncio.run(run())


def test_keys_and_tls() -> None:
    tls, key = TLS(ca=os.environ["ACCORD_TEST_TLS_CA"]), os.environ["ACCORD_TEST_KEY"]

    async def run() -> None:
        async with AsyncClient(GUARDED, tls=tls, api_key=key) as client:
            await client.get_server_info()

    asyncio.run(run())
    with Client(GUARDED, tls=tls, api_key=key) as client:
        client.get_server_info()
        [result] = client.import_documents([Document(name="note", text="A note.")])
        assert result.outcome == "CREATED"
    with Client(GUARDED, tls=tls) as client, pytest.raises(UnauthenticatedError) as failed:
        client.search("note")
    assert failed.value.reason == "CREDENTIALS_MISSING"
    for wrong in (Client(GUARDED, api_key=key), Client(f"https://{GUARDED}", api_key=key)):
        with wrong, pytest.raises(UnavailableError):
            wrong.search("note")
