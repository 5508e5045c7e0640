"""The dataclasses have what the protos have."""

from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pytest

import accord_client as a
from accord_client import _documents, _options, _results
from accord_client._api import message

# The proto's fields that a dataclass leaves out, and why.
LEFT_OUT: dict[str, set[str]] = {}


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (cls, cls.__name__)
        for cls in (
            *(a.Block, a.Collection, a.Document, a.FailedDocument, a.LaneLoad, a.ModelServer, a.TextRange),
            *(
                a.WindowFailure,
                a.Filter,
                a.Condition,
                a.NumberRange,
                a.TimeRange,
                a.Facet,
                a.FacetValue,
                a.BatchSearchAnswer,
            ),
            *(a.NullSimilarity, a.Passage, a.Scores, a.SearchInfo, a.SearchResponse, a.SearchResult, a.Translation),
        )
    ]
    + [
        (a.DeletedDocuments, "DeleteDocumentsResponse"),
        (a.ImportResult, "ImportDocumentsResponse"),
        (a.IngestStatus, "GetIngestStatusResponse"),
        (a.ServerInfo, "GetServerInfoResponse"),
        (a.UpsertResult, "UpsertDocumentResponse"),
    ],
)
def test_fields(cls: Any, name: str) -> None:
    ours = {field.metadata.get("field", field.name) for field in fields(cls)}
    assert ours == set(message(f"accord.v1.{name}").DESCRIPTOR.fields_by_name) - LEFT_OUT.get(name, set())


def test_search_options() -> None:
    request = set(message("accord.v1.SearchRequest").DESCRIPTOR.fields_by_name)
    assert set(get_type_hints(a.SearchOptions)) == request - {"query", "parent"}


@pytest.mark.parametrize(
    ("values", "enum"),
    [
        (_documents.IndexState, "IndexState"),
        (_documents.ModelServerRole, "ModelServerRole"),
        (_documents.ModelServerState, "ModelServerState"),
        (_documents.PassageKind, "PassageKind"),
        (_documents.TimePrecision, "TimePrecision"),
        (_documents.WindowFailureReason, "WindowFailureReason"),
        (_documents.WriteOutcome, "WriteOutcome"),
        (_options.DocumentView, "DocumentView"),
        (_options.LanguagePolicy, "LanguagePolicy"),
        (_options.OnEmbedderFailure, "OnEmbedderFailure"),
        (_options.SearchMode, "SearchMode"),
        (_results.Degradation, "Degradation"),
        (_results.MatchConfidence, "MatchConfidence"),
    ],
)
def test_enum_values(values: Any, enum: str) -> None:
    names: tuple[str, ...] = ("Document", "Passage", "WindowFailure", "UpsertDocumentResponse")
    names += ("GetDocumentRequest", "SearchRequest", "SearchInfo", "ModelServer")
    found = next(
        field.enum_type
        for name in names
        for field in message(f"accord.v1.{name}").DESCRIPTOR.fields
        if field.enum_type is not None and field.enum_type.name == enum
    )
    first = found.values_by_number[0].name.removesuffix("UNSPECIFIED")
    assert set(get_args(values)) == {value.name.removeprefix(first) for value in found.values if value.number}
