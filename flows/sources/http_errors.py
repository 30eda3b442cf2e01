"""How asking a provider fails, where it matters which way."""

from __future__ import annotations

from warehouse.errors import SourceError


class AccessError(SourceError):
    """The provider refused us: no key, a wrong one, or one without this right.

    ``is_about_the_key`` says that every other request would be refused too.
    """

    def __init__(self, message: str, *, remedy: str, is_about_the_key: bool) -> None:
        super().__init__(message, remedy=remedy)
        self.is_about_the_key = is_about_the_key


class NotFoundError(SourceError):
    """The provider has nothing under this address or for this time."""


class ProviderDownError(SourceError):
    """The provider does not answer: the rest of this run is spared.

    ``is_unreachable`` says that no connection could be made at all, as without a network.
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        is_transient: bool = True,
        is_unreachable: bool = False,
    ) -> None:
        super().__init__(message, remedy=remedy, is_transient=is_transient)
        self.is_unreachable = is_unreachable
