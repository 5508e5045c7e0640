"""The methods of the synchronous client for embedding spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord_client._calls import Calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord_client._spaces import ActivationResult, Space, SpaceDetails


class SpaceCalls(Calls):
    """Lists, creates, activates and removes the embedding spaces of collections."""

    def create_space(
        self, *, collection: str | None = None, model_server: str = "", timeout: float | None = None
    ) -> Space:
        """Creates a space with the current model of a model server, by default that of the server.

        The documents are embedded for it in the background. When its state is READY, it may be activated.

        Raises:
            AlreadyExistsError: The collection has a space for this model.
            FailedPreconditionError: The reason is MODEL_SERVER_UNKNOWN if no model server has the name.
        """
        return self._run(self._requests.create_space(collection, model_server), timeout)

    def get_space(self, name: str, *, with_fingerprint: bool = False, timeout: float | None = None) -> SpaceDetails:
        """Returns a space by its name, or by its id in the client's collection.

        Raises:
            NotFoundError: It does not exist.
        """
        return self._run(self._requests.get_space(name, with_fingerprint), timeout)

    def list_spaces(
        self, *, collection: str | None = None, page_size: int = 0, timeout: float | None = None
    ) -> Iterator[Space]:
        """Returns the spaces of a collection by name. Each page is one call with its own deadline."""
        return self._pages(lambda token: self._requests.list_spaces(collection, page_size, token), timeout)

    def activate_space(
        self,
        name: str,
        *,
        validate_only: bool = False,
        compare_queries: Sequence[str] = (),
        compare_recent: int = 0,
        min_overlap: float = 0.0,
        timeout: float | None = None,
    ) -> ActivationResult:
        """Makes a space the one in which its collection is searched. The previous one becomes RETIRED.

        Args:
            name: Its name, or its id in the client's collection.
            validate_only: Whether only to check that the space is ready, and to compare it.
            compare_queries: Up to 100 queries for which to compare the results in the two spaces.
            compare_recent: The number of recent queries to compare in addition, at most 100.
            min_overlap: The least mean overlap of the results, 0 to 1. Below it, the space is not activated.
            timeout: The deadline in seconds. A comparison of many queries may take longer than the default.

        Raises:
            FailedPreconditionError: The reason is SPACE_NOT_READY, OVERLAP_TOO_LOW or MODEL_MISMATCH.
        """
        call = self._requests.activate_space(name, validate_only, compare_queries, compare_recent, min_overlap)
        return self._run(call, timeout)

    def delete_space(self, name: str, *, timeout: float | None = None) -> None:
        """Removes a space and its vectors. Its name may be an id in the client's collection.

        Raises:
            FailedPreconditionError: The reason is SPACE_ACTIVE if the collection is searched in it.
        """
        self._run(self._requests.delete_space(name), timeout)
