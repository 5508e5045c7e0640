"""Wrong arguments are refused before a call, with an error that names them."""

from datetime import datetime
from typing import Any

import pytest

from accord_client import AsyncClient, Client, Condition, Document, Filter


@pytest.fixture
def unreachable() -> Client:
    return Client("127.0.0.1:1")


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"colour": "red"}, TypeError, "no keyword argument colour"),
        ({"mode": "BEST"}, ValueError, "mode: must be one of HYBRID, SEMANTIC, LEXICAL, not 'BEST'"),
        ({"page_size": "ten"}, TypeError, "page_size: 'ten' has the wrong type"),
        ({"filter": Document(name="a")}, TypeError, "filter.name: there is no such field"),
        ({"filter": {"languages": ["en"]}}, TypeError, "filter: {'languages': "),
        ({"filter": Filter(conditions=[5])}, TypeError, "filter.conditions: "),  # type: ignore[list-item]
        ({"filter": Filter(conditions=[Condition(any_of="x")])}, TypeError, r"filter.conditions\[0\].any_of.values: "),
        ({"mode": Filter()}, TypeError, "mode: Filter"),
        ({"filter": Filter(languages="en")}, TypeError, "filter.languages: 'en' has the wrong type"),
        ({"filter": Filter(kinds=["POEM"])}, ValueError, "filter.kinds: must be one of"),  # type: ignore[list-item]
        (
            {"filter": Filter(published_after=datetime(2024, 1, 1))},
            ValueError,
            "filter.published_after: the time has no",
        ),
    ],
)
def test_search(unreachable: Client, options: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        unreachable.search("query", **options)


def test_batch(unreachable: Client) -> None:
    with pytest.raises(TypeError, match="queries: must be a list"):
        unreachable.batch_search("port")


def test_document(unreachable: Client) -> None:
    with pytest.raises(TypeError, match="document.text: 5 has the wrong type"):
        unreachable.upsert_document(Document(name="a", text=5))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="document.publish_time: the time has no zone"):
        unreachable.upsert_document(Document(name="a", text="a", publish_time=datetime(2024, 1, 1)))


@pytest.mark.parametrize(
    ("target", "means"),
    [
        ("search", "search:50051"),
        ("search:1", "search:1"),
        ("http://search", "search:50051"),
        ("https://search:2/", "search:2"),
        ("::1", None),
        ("[::1]", "[::1]:50051"),
        ("search:port", None),
        ("search/v1", None),
        ("ftp://search", None),
        ("", None),
    ],
)
def test_target(target: str, means: str | None) -> None:
    if means is None:
        with pytest.raises(ValueError, match="target"):
            Client(target)
    else:
        assert Client(target)._connection.target == means


def test_key_needs_tls() -> None:
    for cls in (Client, AsyncClient):
        with pytest.raises(ValueError, match="api_key: it is not sent to search:50051 without TLS"):
            cls("search", api_key="key")
        for target in ("localhost", "127.0.0.2", "[::1]:5", "https://search"):
            cls(target, api_key="key")
        cls("search", api_key="key", tls=False)


@pytest.mark.parametrize("key", ["secret\n", "se cret", "sécret"])
def test_malformed_key(key: str) -> None:
    """The error does not have the key."""
    with pytest.raises(ValueError, match="api_key: it has a space") as failed:
        Client("localhost:1", api_key=key).get_server_info()
    assert "cret" not in str(failed.value)
