"""Searches, documents and collections on a real server."""

from datetime import datetime, timezone

import pytest

from accord_client import (
    AbortedError,
    AlreadyExistsError,
    Client,
    Condition,
    Document,
    FailedPreconditionError,
    Filter,
    InvalidArgumentError,
    NotFoundError,
    NumberRange,
    TextRange,
    TimeRange,
)

PORT = "The port 港口 of Chancay opened in 2024. Ships from Asia arrive every week."


@pytest.fixture
def filled(client: Client) -> Client:
    for number in range(7):
        client.upsert_document(
            Document(
                name=f"report-{number}",
                title=f"Report {number}",
                text=f"{PORT}\n\nReport number {number} is about the port.",
                language_code="en",
                source=f"Source {number % 2}",
                publish_time=datetime(2024, 1, number + 1, tzinfo=timezone.utc),
                publish_time_precision="DATE",
                metadata={"number": str(number)},
                page_starts=(0, 20),
            )
        )
    return client


def test_result(filled: Client) -> None:
    response = filled.search("Chancay", page_size=1, context_passages=1, filter=Filter(sources=["Source 1"]))
    assert response.search_info.query_language_code
    [found] = response
    document = filled.get_document(found.document.name)
    assert (document.source, document.publish_time_precision, document.page_starts) == ("Source 1", "DATE", (0, 20))
    assert document.publish_time == found.document.publish_time
    assert found.passage.kind == "PARAGRAPH"
    assert found.passage.text == document.text[found.passage.range.start : found.passage.range.end] == PORT
    assert [found.passage.cut(term) for term in found.matched_terms] == ["Chancay"]
    assert found.next_passages[0].text.startswith("Report number")
    assert found.scores.lexical_rank == 1
    assert found.scores.rerank is None
    assert len(found.copies) == 2


def test_citation(filled: Client) -> None:
    found = filled.search("Chancay", page_size=1).results[0]
    cited = found.cite(TextRange(start=9, end=11))
    assert cited.text == "港口"
    assert (
        cited.publish_time
        == f"2024-01-0{cited.title[-1:].translate(str.maketrans('0123456', '1234567'))}T00:00:00+00:00"
    )
    assert filled.verify(cited)
    filled.upsert_document(Document(name=cited.document, text="The port of Chancay."))
    assert not filled.verify(cited)
    filled.upsert_document(Document(name=cited.document, text="A port."))
    assert not filled.verify(cited)
    filled.delete_document(cited.document)
    assert not filled.verify(cited)


def test_pages(filled: Client) -> None:
    whole = [one.passage.name for one in filled.search("port", keep_duplicates=True, page_size=100)]
    pages = list(filled.search_pages("port", keep_duplicates=True, page_size=4))
    assert [len(page) for page in pages] == [4, 4, 4, 2]
    assert [one.passage.name for page in pages for one in page] == whole
    second = filled.search("port", keep_duplicates=True, page_size=4, page_token=pages[0].next_page_token)
    assert [one.passage.name for one in second] == whole[4:8]


def test_conditions(filled: Client) -> None:
    def listed(*conditions: Condition) -> str:
        found = filled.list_documents(filter=Filter(conditions=conditions))
        return "".join(document.name[-1] for document in found)

    number = "metadata.number"
    assert listed(Condition(field=number, any_of=["1", "4"])) == "14"
    assert (
        listed(Condition(field=number, none_of=["1", "4"]), Condition(field=number, number=NumberRange(gt=0, lte=5)))
        == "235"
    )
    assert listed(Condition(field="uri", exists=True)) == ""
    assert listed(Condition(field="uri", exists=False)) == "0123456"
    late = Condition(field="publish_time", time=TimeRange(gte=datetime(2024, 1, 6, tzinfo=timezone.utc)))
    assert listed(late) == "56"
    assert listed(Condition(any_condition=[late, Condition(field=number, any_of=["0"])])) == "056"
    assert listed(Condition(no_condition=[late])) == "01234"
    assert listed(Condition(all_conditions=[late, Condition(field=number, number=NumberRange(lt=6))])) == "5"


def test_order_and_facets(filled: Client) -> None:
    found = filled.search(
        "report", order_by="publish_time desc", facets=["source", "metadata.absent"], keep_duplicates=True
    )
    times = [one.document.publish_time for one in found]
    assert times == sorted(times, key=lambda time: time.timestamp() if time else 0, reverse=True)
    sources, absent = found.facets
    assert [(one.value, one.count) for one in sources.values] == [("Source 0", 8), ("Source 1", 6)]
    assert absent.missing_count == 14


def test_batches(filled: Client) -> None:
    first, bad, second = filled.batch_search(["Chancay", " ", "number 3"], page_size=2, lexical_weight=0.8)
    assert first.response is not None
    assert second.response is not None
    assert (first.error, bad.response) == (None, None)
    assert isinstance(bad.error, InvalidArgumentError)
    assert bad.error.violations[0].field == "query"
    passages = [one.passage for one in (*first.response, *second.response)]
    assert filled.batch_get_passages([one.name for one in passages]) == passages
    with pytest.raises(NotFoundError):
        filled.batch_get_passages([f"{filled.collection}/documents/absent/passages/0"])


def test_list(filled: Client) -> None:
    names = [f"{filled.collection}/documents/report-{number}" for number in range(7)]
    assert [document.name for document in filled.list_documents(page_size=3)] == names
    odd = filled.list_documents(
        filter=Filter(sources=["Source 1"], published_after=datetime(2024, 1, 3, tzinfo=timezone.utc))
    )
    assert [document.name for document in odd] == [names[3], names[5]]
    assert filled.collection in [one.name for one in filled.list_collections(page_size=1)]
    assert filled.get_collection().document_count == 7
    assert filled.get_ingest_status().indexed_document_count == 7
    assert filled.retry_failed_documents() == 0


def test_delete(filled: Client) -> None:
    with pytest.raises(InvalidArgumentError):
        filled.delete_documents()
    would = filled.delete_documents(filter=Filter(metadata={"number": "3"}), validate_only=True)
    assert (would.document_count, would.sample_documents) == (1, (f"{filled.collection}/documents/report-3",))
    assert filled.delete_documents(filter=Filter(sources=["Source 0"])).document_count == 4
    assert filled.delete_documents(force=True).document_count == 3
    with pytest.raises(NotFoundError):
        filled.get_document("report-1")


def test_preconditions(client: Client) -> None:
    first = client.upsert_document(Document(name="note", text="one"), must_not_exist=True)
    assert first.outcome == "CREATED"
    with pytest.raises(AbortedError) as failed:
        client.upsert_document(Document(name="note", text="two"), must_not_exist=True)
    assert failed.value.reason == "PRECONDITION_FAILED"
    second = client.upsert_document(Document(name="note", text="two"), etag=first.document.etag)
    assert second.outcome == "UPDATED"
    with pytest.raises(AbortedError):
        client.delete_document("note", etag=first.document.etag)
    client.delete_document("note", etag=second.document.etag)


def test_written_again(filled: Client) -> None:
    """What a client reads, it can write."""
    assert filled.upsert_document(filled.get_document("report-1")).outcome == "UNCHANGED"


def test_errors(client: Client) -> None:
    with pytest.raises(InvalidArgumentError) as failed:
        client.search("port", filter=Filter(languages=["!"] * 50, documents=["x"] * 100))
    assert failed.value.reason == "INVALID_FIELD"
    assert failed.value.violations[0].field == "filter.languages[0]"
    assert "BCP-47" in failed.value.violations[0].description
    assert int(failed.value.details["omitted"]) > 0
    assert failed.value.request_id
    with pytest.raises(AlreadyExistsError):
        client.create_collection(client.collection.removeprefix("collections/"))
    client.upsert_document(Document(name="note", text="one"))
    with pytest.raises(FailedPreconditionError) as refused:
        client.delete_collection(client.collection)
    assert refused.value.reason == "COLLECTION_NOT_EMPTY"


def test_longest_document(client: Client) -> None:
    text = ("port " * 399 + "opened\n\n") * 2090  # 4 MiB
    client.upsert_document(Document(name="long", text=text, language_code="en"), wait_for_index=False, timeout=120)
    assert client.get_document("long").text == text
    assert client.get_document("long", text_range=(1995, 2003)).text == "opened\n\n"
    assert client.get_document("long", view="BASIC").text == ""


def test_server_info(client: Client) -> None:
    info = client.get_server_info()
    assert info.version
    assert {lane.lane for lane in info.lanes} >= {"reads", "writes"}
