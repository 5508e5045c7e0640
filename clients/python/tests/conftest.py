"""Servers and clients for the tests. TestPythonPackage in cmd/accord starts the servers and names them."""

import os
import uuid
from collections.abc import Iterator

import pytest

import accord_client
from accord_client import Client


def pytest_configure() -> None:
    assert "site-packages" in accord_client.__file__, "the tests are for the installed wheel"


@pytest.fixture(scope="session")
def target() -> str:
    """Returns the address of a server without TLS and keys."""
    return os.environ["ACCORD_TEST_TARGET"]


@pytest.fixture
def client(target: str) -> Iterator[Client]:
    """Returns a client of a collection of its own."""
    with Client(target, collection=f"test-{uuid.uuid4().hex}") as client:
        collection = client.create_collection(client.collection.removeprefix("collections/"))
        yield client
        client.delete_collection(collection.name, force=True)
