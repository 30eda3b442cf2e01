"""How the warehouse is doing: builds, models, findings, quarantine."""

from __future__ import annotations

import polars as pl

from panel_app.data import Data


def builds(data: Data) -> pl.DataFrame:
    """Builds, newest first."""
    return data.frame(
        "select build_id, run_id, as_of, started_at, published_at, status, duration_s, error "
        "from meta_builds order by started_at desc nulls last limit 200"
    )


def models(data: Data) -> pl.DataFrame:
    """Model versions, champions first."""
    return data.frame(
        """
        select
            task, method, method_kind, model_version, is_champion, trained_at, promoted_at,
            training_row_count, true_row_count, true_group_count, interval_kind
        from meta_model_versions
        order by is_champion desc, trained_at desc nulls last, task, method
        limit 200
        """
    )


def findings(data: Data) -> pl.DataFrame:
    """What the audit noticed in the data."""
    return data.frame(
        """
        select
            finding_kind, subject, finding_count, detail, first_at, last_at, table_name, source_id
        from meta_findings
        order by finding_kind, finding_count desc, subject
        limit 2000
        """
    )


def quarantine(data: Data) -> pl.DataFrame:
    """Rows that could not be read, newest first."""
    return data.frame(
        """
        select
            source_id, table_name, location, column_name, offending_value, reason, quarantined_at
        from meta_quarantine
        order by quarantined_at desc
        limit 5000
        """
    )


def accuracy(data: Data) -> pl.DataFrame:
    """The scoreboard of the methods, best first."""
    return data.frame("select * from fct_method_accuracy")
