"""The address of the server, and the metadata of each call."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import grpc

from accord_client._api import service_config
from accord_client._version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable

# An API key or JWT, or a function that returns the current one.
APIKey: TypeAlias = str | Callable[[], str]

_MAX_REPLY = 64 << 20  # the longest document fits
_POSITION = "accord-wal-position"


@dataclass(frozen=True, slots=True, kw_only=True)
class TLS:
    """The files of a connection with TLS, all in PEM.

    Attributes:
        ca: The authorities to trust. If None, those that gRPC trusts.
        cert: A client certificate, for servers that ask for one.
        key: The key of the certificate.
        server_name: The name in the server's certificate, if the target has another.
    """

    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    server_name: str | None = None


class Connection:
    """The target of a client, the options of its channel, and the metadata of its calls."""

    def __init__(self, target: str, api_key: APIKey | None, tls: bool | TLS | None) -> None:
        scheme, _, rest = target.rpartition("://")
        if scheme not in ("", "http", "https"):
            raise ValueError(f"target: {target!r} must be host, host:port, http://host:port or https://host:port")
        self.target, local = ("unix:" + rest[5:], True) if rest.startswith("unix:") else _host_and_port(rest)
        self.tls = (tls or None) if tls is not None else (scheme == "https" or None)
        if api_key is not None and self.tls is None and tls is None and not local:
            raise ValueError(
                f"api_key: it is not sent to {self.target} without TLS, since others could read it on the way; "
                "pass tls=True, or tls=False to send it anyway"
            )
        self._api_key = api_key
        self._position = ""
        self._lock = threading.Lock()

    def options(self) -> list[tuple[str, Any]]:
        """Returns the options of the channel."""
        options: list[tuple[str, Any]] = [
            ("grpc.service_config", service_config()),
            ("grpc.max_receive_message_length", _MAX_REPLY),
            ("grpc.primary_user_agent", f"accord-client-python/{__version__}"),
            ("grpc.keepalive_time_ms", 60_000),  # notices servers that disappear during an import
        ]
        if isinstance(self.tls, TLS) and self.tls.server_name:
            options.append(("grpc.ssl_target_name_override", self.tls.server_name))
        return options

    def credentials(self) -> grpc.ChannelCredentials | None:
        """Returns the credentials of the channel, or None for one without TLS."""
        if self.tls is None:
            return None
        files = self.tls if isinstance(self.tls, TLS) else TLS()
        ca, key, cert = (Path(file).read_bytes() if file else None for file in (files.ca, files.key, files.cert))
        return grpc.ssl_channel_credentials(ca, key, cert)

    def metadata(self, *, writes: bool) -> tuple[tuple[str, str | bytes], ...]:
        """Returns the metadata to send with a call. A read sees the writes of this client, even from a replica."""
        metadata: list[tuple[str, str | bytes]] = []
        if self._api_key is not None:
            key = self._api_key if isinstance(self._api_key, str) else self._api_key()
            if not all("!" <= character <= "~" for character in key):  # gRPC's own error would contain the key
                raise ValueError("api_key: it has a space, a line break or another character that no key has")
            metadata.append(("authorization", f"Bearer {key}"))
        if self._position and not writes:
            metadata.append((_POSITION, self._position))
        return tuple(metadata)

    def answered(self, metadata: Iterable[tuple[str, str | bytes]] | None) -> None:
        """Keeps the position in the database's log that came with the answer to a write."""
        for key, value in metadata or ():
            if key == _POSITION:
                with self._lock:
                    self._position = max(self._position, str(value), key=_order)


def _order(position: str) -> tuple[int, int]:
    """Returns the key by which positions such as 16/B374D848 are compared."""
    high, _, low = position.partition("/")
    return int(high or "0", 16), int(low or "0", 16)


def _host_and_port(text: str) -> tuple[str, bool]:
    """Returns host:port, and whether it is on this machine."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port or 50051
    except ValueError as error:
        raise ValueError(f"target: {text!r}: {error}") from None
    if not host or parts.path.strip("/"):
        raise ValueError(f"target: {text!r} must be host, host:port, http://host:port or https://host:port")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"{host}:{port}", host == "localhost"
    return (f"[{host}]:{port}" if address.version == 6 else f"{host}:{port}"), address.is_loopback
