"""Calls a server with clients generated from the protos that `accord protos` writes.

Run as: python client.py HOST:PORT SERVICE_CONFIG, with the generated modules on PYTHONPATH.
"""

import sys

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from accord.v1 import document_pb2, ingest_service_pb2, ingest_service_pb2_grpc
from accord.v1 import search_service_pb2, search_service_pb2_grpc


def violations(call, request):
    """Returns the violations of a request that the server must refuse."""
    try:
        call(request, timeout=30)
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
        for detail in rpc_status.from_call(error).details:
            refused = error_details_pb2.BadRequest()
            if detail.Unpack(refused):
                return refused.field_violations
    raise AssertionError("no violations")


def main():
    config = open(sys.argv[2]).read()
    with grpc.insecure_channel(sys.argv[1], options=[("grpc.service_config", config)]) as channel:
        search = search_service_pb2_grpc.SearchServiceStub(channel)
        ingest = ingest_service_pb2_grpc.IngestServiceStub(channel)

        def find(**fields):
            return search_service_pb2.SearchRequest(query="port", filter=document_pb2.Filter(**fields))

        assert violations(search.Search, find(kinds=[99] * 10, languages=["!"] * 30))
        assert violations(search.Search, find(documents=["数字经济" * 100] * 100))

        name = "collections/default/documents/long"
        text = "The port of Chancay opened.\n\n" * 144000
        document = document_pb2.Document(name=name, text=text, language_code="en")
        ingest.UpsertDocument(ingest_service_pb2.UpsertDocumentRequest(document=document, wait_for_index=False), timeout=120)
        parts, start, length = [], 0, 1
        while start < length:
            part = search.GetDocument(
                search_service_pb2.GetDocumentRequest(name=name, text_range=document_pb2.TextRange(start=start, end=start + 1000000)),
                timeout=60,
            )
            parts.append(part.document.text)
            start, length = part.text_range.end, part.text_length
        assert "".join(parts) == text, "the parts are not the text"
    print("ok")


main()
