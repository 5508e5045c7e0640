"""Imports, over connections that work and that break."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from accord_client import (
    AccordError,
    AsyncClient,
    Client,
    ConditionalDocument,
    Document,
    ImportResult,
    InvalidArgumentError,
    NotFoundError,
    UnavailableError,
)
from accord_client._imports import AsyncDocuments, Documents
from accord_client._requests import Requests

COUNT = 40


def documents() -> Iterator[Document]:
    for number in range(COUNT):
        yield Document(name=f"note-{number}", text=f"Note {number}. " + "port " * 1200, language_code="en")


async def documents_later() -> AsyncIterator[Document]:
    for document in documents():
        await asyncio.sleep(0)
        yield document


class Proxy:
    """Forwards connections to a server, and breaks the first ones after some bytes."""

    def __init__(self, target: str, breaks: int, limit: int) -> None:
        host, _, port = target.rpartition(":")
        self._server, self._breaks, self._limit = (host, int(port)), breaks, limit
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            limit = self._limit if self.connections <= self._breaks else 1 << 40
            server = socket.create_connection(self._server)
            for source, to, most in ((client, server, limit), (server, client, 1 << 40)):
                threading.Thread(target=self._forward, args=(source, to, most), daemon=True).start()

    @staticmethod
    def _forward(source: socket.socket, to: socket.socket, most: int) -> None:
        with contextlib.suppress(OSError):
            while most > 0 and (data := source.recv(4096)):
                to.sendall(data)
                most -= len(data)
        for end in (source, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def proxy(target: str) -> Iterator[Callable[[int], Proxy]]:
    made: list[Proxy] = []

    def make(breaks: int) -> Proxy:
        made.append(Proxy(target, breaks, 80_000))
        return made[-1]

    yield make
    for one in made:
        one.close()


def check(results: list[ImportResult], client: Client) -> None:
    assert [one.name for one in results] == [f"{client.collection}/documents/note-{number}" for number in range(COUNT)]
    assert {one.outcome for one in results} <= {"CREATED", "UNCHANGED"}
    assert client.get_collection().document_count == COUNT


def test_import(client: Client) -> None:
    seen: list[tuple[int, str]] = []
    results = client.import_documents(documents(), progress=lambda done, last: seen.append((done, last.name)))
    check(results, client)
    assert seen == [(number + 1, one.name) for number, one in enumerate(results)]


def test_failed_document(client: Client) -> None:
    results = client.import_documents([Document(name="blank", text=" "), Document(name="note", text="A note.")])
    assert [one.outcome for one in results] == ["FAILED", "CREATED"]
    assert results[0].error is not None
    assert results[0].error.violations[0].field == "document.text"
    assert results[1].error is None
    assert results[1].index_state == "COMPLETE"


def test_conditions(client: Client) -> None:
    stored = client.upsert_document(Document(name="note", text="The first."))

    def write(text: str, etag: str | None = None, must_not_exist: bool = False) -> ConditionalDocument:
        document = Document(name="note", text=text)
        return ConditionalDocument(document=document, etag=etag, must_not_exist=must_not_exist)

    results = client.import_documents(
        [
            write("The second.", must_not_exist=True),
            write("The second.", etag=stored.document.etag),
            write("The third.", etag=stored.document.etag),
            write("The fourth."),
        ]
    )
    done = [one.error.reason if one.error else one.outcome for one in results]
    assert done == ["PRECONDITION_FAILED", "UPDATED", "PRECONDITION_FAILED", "UPDATED"]
    with pytest.raises(ValueError, match="one of the two"):
        list(client.import_documents([write("The fifth.", etag="x", must_not_exist=True)]))


def test_broken_connections(client: Client, proxy: Callable[[int], Proxy]) -> None:
    broken = proxy(2)
    with Client(broken.target, collection=client.collection) as other:
        check(other.import_documents(documents()), client)
    assert broken.connections >= 3


def test_no_connection(client: Client, proxy: Callable[[int], Proxy]) -> None:
    broken = proxy(1000)
    with Client(broken.target, collection=client.collection) as other, pytest.raises(UnavailableError):
        other.import_documents([Document(name="long", text="port " * 40_000)])


def test_refused_import(client: Client) -> None:
    results = client.import_documents(documents(), collection="absent")
    assert {type(one.error) for one in results} == {NotFoundError}
    with pytest.raises(InvalidArgumentError):
        client.import_documents(documents(), collection="No collection")


def test_failing_documents(client: Client) -> None:
    """The error of the caller's iterator arrives at the caller, after the documents before it are stored."""

    def some() -> Iterator[Document]:
        yield Document(name="first", text="The first.")
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        client.import_documents(some())
    assert client.get_document("first").text == "The first."
    with pytest.raises(TypeError, match="document.text"):
        client.import_documents([Document(name="wrong", text=5)])  # type: ignore[arg-type]


def test_asynchronous(client: Client) -> None:
    async def run() -> None:
        async with AsyncClient(client_target(client), collection=client.collection) as other:
            check(await other.import_documents(documents_later()), client)
            assert {one.outcome for one in await other.import_documents(documents())} == {"UNCHANGED"}

    asyncio.run(run())


def test_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """An import ends at its deadline, although the server asks for a longer pause."""
    monkeypatch.setattr("accord_client._client.pause", lambda *_: 60)
    begun = time.monotonic()
    with Client("127.0.0.1:1") as client, pytest.raises(AccordError):
        client.import_documents(documents(), timeout=0.5)
    assert time.monotonic() - begun < 30


def test_waiting_iterator() -> None:
    """A new stream sends again what has no answer, although the caller's iterator waits, as for these answers."""
    waits, answered = threading.Event(), threading.Event()

    def some() -> Iterator[Document]:
        yield Document(name="first", text="The first.")
        waits.set()
        assert answered.wait(60)
        yield Document(name="second", text="The second.")

    sending = Documents(Requests("notes"), None, None, some())
    before = sending.messages()
    sent = [next(before), next(before)]
    broken = threading.Thread(target=next, args=(before, None))
    broken.start()
    assert waits.wait(60)
    after = sending.messages()
    assert [next(after), next(after)] == sent
    answered.set()
    assert next(after).document.name == "collections/notes/documents/second"
    assert next(after, None) is None
    broken.join(60)


def test_waiting_asynchronous_iterator() -> None:
    async def run() -> None:
        answered = asyncio.Event()

        async def some() -> AsyncIterator[Document]:
            yield Document(name="first", text="The first.")
            await answered.wait()
            yield Document(name="second", text="The second.")

        sending = AsyncDocuments(Requests("notes"), None, None, some())
        before = sending.messages()
        sent = [await anext(before), await anext(before)]
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(anext(before), 0.05)
        after = sending.messages()
        assert [await asyncio.wait_for(anext(after), 60) for _ in sent] == sent
        answered.set()
        assert (await anext(after)).document.name == "collections/notes/documents/second"
        assert await anext(after, None) is None

    asyncio.run(run())


def client_target(client: Client) -> str:
    return client._connection.target


def test_asynchronous_broken_connections(client: Client, proxy: Callable[[int], Proxy]) -> None:
    broken = proxy(2)

    async def run() -> list[ImportResult]:
        async with AsyncClient(broken.target, collection=client.collection) as other:
            return await other.import_documents(documents_later())

    check(asyncio.run(run()), client)
    assert broken.connections >= 3


def test_asynchronous_failing_documents(client: Client) -> None:
    async def some() -> AsyncIterator[Document]:
        yield Document(name="first", text="The first.")
        raise LookupError("no more")

    async def run() -> None:
        async with AsyncClient(client_target(client), collection=client.collection) as other:
            await other.import_documents(some())

    with pytest.raises(LookupError, match="no more"):
        asyncio.run(run())
    assert client.get_document("first").text == "The first."
