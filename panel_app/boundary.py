"""Where an error inside a page becomes a message on that page."""

from __future__ import annotations

import logging
from collections.abc import Callable

import polars as pl
from panel.viewable import Viewable

from panel_app import blocks
from warehouse.errors import JoulehouseError, NotPublishedError

logger = logging.getLogger(__name__)

# What a query or a drawing can raise; anything else is a fault of the server and is left to it.
_SHOWN = (
    JoulehouseError,
    pl.exceptions.PolarsError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
)

_LONGEST_REASON = 400


def guarded(what: str, render: Callable[[], Viewable]) -> Viewable:
    """Render a part of a page; if that fails, say so in its place and in the log."""
    try:
        return render()
    except NotPublishedError as error:
        return nothing_published(str(error.message))
    except _SHOWN as error:
        logger.exception("%s could not be shown", what)
        reason = (
            str(error)
            if isinstance(error, JoulehouseError)
            else f"This is a fault of the dashboard ({type(error).__name__})."
        )
        return blocks.banner(
            f"<strong>{blocks.text(what)} could not be shown.</strong> "
            f"{blocks.text(reason[:_LONGEST_REASON])}<br>"
            "<span class='small'>The log has the details; the rest of the page is unaffected."
            "</span>",
            "bad",
        )


def nothing_published(reason: str) -> Viewable:
    """The page of a data directory in which nothing was published yet."""
    return blocks.card(
        "Nothing is published yet",
        blocks.empty(
            "Make the first build",
            f"{reason} Run this in the project's folder; this page shows the result as soon as "
            "it is published, without a restart.",
            "joulehouse refresh",
        ),
    )
