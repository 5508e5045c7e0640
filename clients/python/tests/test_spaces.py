"""Embedding spaces on a real server with two models: that of the default model server, and that of "next"."""

import asyncio
import time

import pytest

from accord_client import (
    AlreadyExistsError,
    AsyncClient,
    Client,
    Document,
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    Space,
)

PATIENCE = 60.0  # seconds


@pytest.fixture
def filled(client: Client) -> Client:
    for number in range(3):
        client.upsert_document(Document(name=f"note-{number}", text=f"Note {number} on the port.", language_code="en"))
    return client


def ready(client: Client) -> Space:
    """Creates a space with the next model, and returns it when it is READY."""
    space, end = client.create_space(model_server="next"), time.monotonic() + PATIENCE
    while space.state == "BUILDING" and time.monotonic() < end:
        time.sleep(0.05)
        space = client.get_space(space.name).space
    return space


def test_active(filled: Client) -> None:
    [active] = filled.list_spaces()
    assert (active.state, active.progress, active.document_count) == ("ACTIVE", 1.0, 3)
    assert (active.model_server, active.windowing, active.fingerprint) == ("default", "SENTENCES", b"")
    assert active.activate_time is not None
    assert active.name == filled.get_collection().active_space
    details = filled.get_space(active.name.rpartition("/")[2], with_fingerprint=True)
    assert len(details.space.fingerprint) == 16 * active.dimensions * 4
    assert details.failures == ()


def test_switch(filled: Client) -> None:
    [old] = filled.list_spaces()
    new = ready(filled)
    assert (new.state, new.progress, new.model_server, new.activate_time) == ("READY", 1.0, "next", None)
    assert new.dimensions != old.dimensions
    assert [one.name for one in filled.list_spaces(page_size=1)] == sorted([old.name, new.name])
    checked = filled.activate_space(new.name, validate_only=True, compare_queries=["port", "note 2"])
    assert checked.space.state == "READY"
    assert checked.comparison is not None
    assert checked.comparison.query_count == 2
    assert [one.query for one in checked.comparison.queries] == ["port", "note 2"]
    switched = filled.activate_space(new.name.rpartition("/")[2])
    assert (switched.space.name, switched.space.state, switched.comparison) == (new.name, "ACTIVE", None)
    assert filled.search("port").search_info.space == new.name
    assert filled.get_space(old.name).space.state == "RETIRED"
    filled.delete_space(old.name)
    assert [one.name for one in filled.list_spaces()] == [new.name]


def test_refused(filled: Client) -> None:
    [active] = filled.list_spaces()
    with pytest.raises(AlreadyExistsError):
        filled.create_space()
    with pytest.raises(FailedPreconditionError) as unknown:
        filled.create_space(model_server="absent")
    assert unknown.value.reason == "MODEL_SERVER_UNKNOWN"
    with pytest.raises(FailedPreconditionError) as searched:
        filled.delete_space(active.name)
    assert searched.value.reason == "SPACE_ACTIVE"
    with pytest.raises(InvalidArgumentError):
        filled.activate_space(active.name, min_overlap=0.5)
    with pytest.raises(TypeError, match="compare_queries"):
        filled.activate_space(active.name, compare_queries="port")
    with pytest.raises(NotFoundError):
        filled.get_space("absent")


def test_async_switch(filled: Client, target: str) -> None:
    new = ready(filled)

    async def run() -> None:
        async with AsyncClient(target, collection=filled.collection) as client:
            [old] = [one.name async for one in client.list_spaces(page_size=1) if one.name != new.name]
            with pytest.raises(AlreadyExistsError):
                await client.create_space(model_server="next")
            switched = await client.activate_space(new.name, compare_recent=10)
            assert (switched.space.state, switched.comparison is None) == ("ACTIVE", False)
            await client.delete_space(old)
            with pytest.raises(NotFoundError):
                await client.get_space(old)

    asyncio.run(run())
