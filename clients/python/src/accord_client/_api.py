"""The messages and methods of the API, made from descriptors in this package.

They have their own descriptor pool. So they do not clash with messages that a program has generated from the same
protos, and do not depend on the version of a code generator.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

if TYPE_CHECKING:
    from collections.abc import Callable


def _read(name: str) -> bytes:
    return resources.files("accord_client").joinpath(name).read_bytes()


@cache
def _pool() -> DescriptorPool:
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(_read("api.binpb")).file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


@cache
def message(name: str) -> Any:
    """Returns the class of a message by its full name, such as accord.v1.Document."""
    return GetMessageClass(_pool().FindMessageTypeByName(name))


@dataclass(frozen=True)
class Method:
    """A method of the API.

    Attributes:
        path: The path of its calls, such as /accord.v1.SearchService/Search.
        request: The class of its requests.
        encode: Turns a request into bytes.
        decode: Turns bytes into a response.
    """

    path: str
    request: Any
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


@cache
def method(service: str, name: str) -> Method:
    """Returns a method by the names of its service and itself."""
    found = _pool().FindServiceByName(f"accord.v1.{service}").methods_by_name[name]
    request, response = GetMessageClass(found.input_type), GetMessageClass(found.output_type)
    return Method(f"/accord.v1.{service}/{name}", request, request.SerializeToString, response.FromString)


@cache
def service_config() -> str:
    """Returns the service config, which makes gRPC repeat reads while a server is unavailable."""
    return _read("service_config.json").decode()
