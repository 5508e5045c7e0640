"""Repeated calls and the metadata of calls, on a server that fails when a test wants it to."""

import asyncio
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest

from accord_client import (
    AsyncClient,
    Client,
    DeadlineExceededError,
    Document,
    InvalidArgumentError,
    UnavailableError,
    Violation,
)
from accord_client._api import message, method

METHODS = {
    f"/accord.v1.{service}/{name}": method(service, name)
    for service, name in (("SearchService", "Search"), ("IngestService", "UpsertDocument"))
}


class Server(grpc.GenericRpcHandler):
    """Fails the first calls of each method with UNAVAILABLE, and keeps the metadata of all."""

    def __init__(self) -> None:
        self.failures = 0
        self.answers = threading.Event()
        self.answers.set()
        self.metadata: list[dict[str, Any]] = []
        self.position = "0/0"

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        called = METHODS[details.method]
        answer = {"Search": "SearchResponse", "UpsertDocument": "UpsertDocumentResponse"}[details.method.split("/")[-1]]

        def handle(_: Any, context: grpc.ServicerContext) -> Any:
            self.metadata.append(dict(context.invocation_metadata()))
            self.answers.wait(60)
            if len(self.metadata) <= self.failures:
                context.abort(grpc.StatusCode.UNAVAILABLE, "try again")
            if answer == "UpsertDocumentResponse":
                context.send_initial_metadata((("accord-wal-position", self.position),))
            return message(f"accord.v1.{answer}")()

        return grpc.unary_unary_rpc_method_handler(
            handle, called.request.FromString, lambda reply: reply.SerializeToString()
        )


@pytest.fixture
def failing() -> Iterator[tuple[Server, str]]:
    server, handler = grpc.server(ThreadPoolExecutor(2)), Server()
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield handler, f"127.0.0.1:{port}"
    server.stop(None).wait()


def searches(target: str) -> list[Callable[[], Any]]:
    """Returns a search by either client."""

    async def later() -> Any:
        async with AsyncClient(target) as client:
            return await client.search("port")

    return [lambda: Client(target).search("port"), lambda: asyncio.run(later())]


def test_reads_are_repeated(failing: tuple[Server, str]) -> None:
    server, target = failing
    for search in searches(target):
        server.failures, server.metadata = 2, []
        assert len(search()) == 0
        assert len(server.metadata) == 3
        server.failures, server.metadata = 3, []
        with pytest.raises(UnavailableError, match="try again"):
            search()


def test_deadline(failing: tuple[Server, str]) -> None:
    server, target = failing
    server.answers.clear()
    with pytest.raises(DeadlineExceededError):
        Client(target).search("port", timeout=0.2)
    with pytest.raises(DeadlineExceededError):
        Client(target, timeout=0.2).search("port")
    server.answers.set()


def test_writes_are_not_repeated(failing: tuple[Server, str]) -> None:
    server, target = failing
    server.failures = 1
    with pytest.raises(UnavailableError):
        Client(target).upsert_document(Document(name="a", text="a"))
    assert len(server.metadata) == 1


def test_key_is_asked_for_each_call(failing: tuple[Server, str]) -> None:
    server, target = failing
    keys = iter(("one", "two"))
    client = Client(target, api_key=lambda: next(keys))
    client.search("port")
    client.search("port")
    assert [one["authorization"] for one in server.metadata] == ["Bearer one", "Bearer two"]
    assert "accord-client-python/" in server.metadata[0]["user-agent"]


def test_reads_see_own_writes(failing: tuple[Server, str]) -> None:
    server, target = failing
    client = Client(target)
    for position in ("9/FF", "16/B374D848", "16/0"):
        server.position = position
        client.upsert_document(Document(name="a", text="a"))
    client.search("port")
    assert server.metadata[-1]["accord-wal-position"] == "16/B374D848"
    assert "accord-wal-position" not in server.metadata[-2]


def test_errors_pass_between_processes() -> None:
    error = InvalidArgumentError("INVALID_ARGUMENT", "query: is too long")
    error.reason, error.violations = "INVALID_FIELD", (Violation("query", "is too long"),)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (InvalidArgumentError, str(error), vars(error))
    assert str(error) == "INVALID_ARGUMENT: query: is too long"
