"""Overview: what the warehouse holds and the few things to know from it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from panel.viewable import Viewable

from panel_app import blocks, theme
from panel_app import format as fmt
from panel_app.boundary import guarded
from panel_app.charts.bars import horizontal_bars
from panel_app.charts.canvas import Axis
from panel_app.charts.labels import label_legend
from panel_app.charts.scatter import labelled_scatter
from panel_app.charts.spread import spread_by_category
from panel_app.context import Context
from panel_app.queries import overview as queries
from panel_app.sources import cited, vintage_pills
from panel_app.views.health import sources_table
from panel_app.wording import in_words

# Countries that readers know, from the cleanest grids to the dirtiest, where the data have them.
_KNOWN_ZONES = (
    "NO", "SE", "FR", "CA", "GB", "DE", "US", "JP", "WORLD", "CN", "AU", "PL", "IN", "ZA",
)  # fmt: skip


def render(context: Context) -> Viewable:
    """The page."""
    data = context.data
    return blocks.stack(
        guarded("The head of the page", lambda: _head(context)),
        guarded("The counts", lambda: blocks.tiles(_tiles(context))),
        blocks.grid(
            guarded("Training energy", lambda: _training(context)),
            guarded("Inference energy", lambda: _inference(context)),
        ),
        guarded("Grid intensity", lambda: _grid(context)),
        guarded(
            "Freshness",
            lambda: blocks.card(
                "Where it comes from, and how fresh it is",
                sources_table(queries.freshness(data), context.clock()),
                subtitle="Every source is an archive that is fetched again on its schedule; "
                "unchanged archives are not loaded twice.",
                download=blocks.Download("joulehouse_sources.csv", lambda: queries.freshness(data)),
            ),
        ),
    )


def _head(context: Context) -> Viewable:
    return blocks.heading(
        "Energy and carbon of AI",
        "What training and running AI models takes in electricity, what that emits on the grids "
        "it runs on, and how sure anyone can be. Each figure says how it was made.",
        vintage_pills(context),
    )


def _tiles(context: Context) -> list[blocks.Tile]:
    held = queries.holdings(context.data)
    suspect = held["suspect_run_count"]
    flagged = f"; {suspect} contradict themselves and are flagged" if suspect else ""
    years = f"{held['first_year']}–{held['last_year']}" if held["first_year"] else "no hours yet"
    return [
        blocks.Tile(
            "Training runs",
            fmt.count(held["run_count"]),
            f"{held['true_run_count']} with measured energy{flagged}",
        ),
        blocks.Tile(
            "Inference measurements",
            fmt.count(held["benchmark_count"]),
            f"{held['benchmark_model_count']} models on {held['benchmark_gpu_count']} accelerators",
        ),
        blocks.Tile(
            "Hours of grid carbon intensity",
            fmt.count(held["hour_count"]),
            f"{held['hourly_zone_count']} zones, {years}; yearly figures for "
            f"{held['zone_count']} areas up to {held['last_yearly_year']}",
        ),
        blocks.Tile(
            "Models and hardware known",
            fmt.count(held["model_count"]),
            f"models, and {fmt.count(held['hardware_count'])} accelerators and processors",
        ),
    ]


def _training(context: Context) -> Viewable:
    frame = queries.training_over_time(context.data)
    if not frame.height:
        return blocks.card(
            "Energy of training, by release date",
            blocks.empty(
                "No training run has both energy and a release date",
                "Add rows to the seed of published training runs, or wait for the next source.",
            ),
        )
    drawn = frame.select(
        pl.col("release_date").cast(pl.Datetime("ms")).alias("x"),
        (pl.col("energy_kwh") / 1e3).alias("y"),
        "label_kind",
        pl.col("model_name").fill_null("unnamed").alias("title"),
        in_words("energy_kwh", fmt.energy).alias("energy"),
        pl.col("hardware").fill_null(fmt.UNKNOWN).alias("hardware"),
        pl.col("boundary").fill_null(fmt.UNKNOWN).alias("boundary"),
        in_words("release_date", fmt.day).alias("released"),
    )
    largest = frame.row(by_predicate=pl.col("energy_kwh") == frame["energy_kwh"].max(), named=True)
    figure = labelled_scatter(
        drawn,
        x=Axis("Release date", "datetime"),
        y=Axis("Energy of the training run (MWh, log scale)", "log"),
        tips=[
            ("Energy", "energy"),
            ("Released", "released"),
            ("Hardware", "hardware"),
            ("Boundary", "boundary"),
        ],
        height=330,
    )
    source = blocks.link("its source", largest["source_url"])
    return blocks.card(
        "Energy of training, by release date",
        blocks.plot(figure, f"Energy of {frame.height} training runs over their release dates."),
        subtitle=f"Largest: {blocks.text(largest['model_name'])} with "
        f"{fmt.energy(largest['energy_kwh'])} ({source}). Hollow marks were computed or "
        "declared, not measured.",
        legend=label_legend(_kinds(frame)),
        source=cited(
            context,
            frame["source_id"].drop_nulls().unique().to_list(),
            note="Each run links to what was read, on Explore.",
        ),
        download=blocks.Download("joulehouse_training_energy.csv", lambda: frame),
    )


def _inference(context: Context) -> Viewable:
    frame = queries.inference_by_hardware(context.data)
    if not frame.height:
        return blocks.card(
            "Energy of inference, by hardware",
            blocks.empty("No inference measurement yet", "The next refresh fetches them."),
        )
    held = queries.holdings(context.data)
    drawn = frame.select(
        pl.col("gpu").alias("category"),
        pl.col("energy_wh_per_1k_tokens").alias("value"),
        pl.col("model_name").alias("title"),
        in_words("energy_wh_per_1k_tokens", fmt.watt_hours).alias("energy"),
        pl.format("{} × {}", "gpu_count", "gpu").alias("devices"),
        in_words("concurrency", fmt.significant).alias("batch"),
    )
    figure = spread_by_category(
        drawn,
        value=Axis("Energy per 1,000 output tokens (Wh, log scale)", "log"),
        category_title="",
        tips=[("Per 1,000 tokens", "energy"), ("Devices", "devices"), ("Running at once", "batch")],
        height=330,
    )
    marks = blocks.legend(
        [
            ("one configuration", theme.BLUE, "circle", True),
            ("median, and the middle 80 %", theme.ORANGE, "diamond", True),
        ]
    )
    return blocks.card(
        "Energy of inference, by hardware",
        blocks.plot(figure, f"Spread of {frame.height} inference measurements by accelerator."),
        subtitle=f"Median {fmt.watt_hours(held['median_wh_per_1k'])} per 1,000 tokens; the "
        f"middle 80 % span {fmt.significant(held['lower_wh_per_1k'])} to "
        f"{fmt.watt_hours(held['upper_wh_per_1k'])}. "
        "Accelerators only: no host, cooling or idle time.",
        legend=marks,
        source=cited(context, frame["source_id"].unique().to_list()),
        download=blocks.Download("joulehouse_inference_energy.csv", lambda: frame),
    )


def _grid(context: Context) -> Viewable:
    frame = queries.intensity_by_zone(context.data)
    known = frame.filter(pl.col("grid_zone_id").is_in(_KNOWN_ZONES))
    if not known.height:
        return blocks.card(
            "The same electricity, country by country",
            blocks.empty("No yearly intensity yet", "The next refresh fetches it."),
        )
    figure = horizontal_bars(
        known.select(
            pl.format("{} ({})", "grid_zone_name", "intensity_year").alias("category"),
            pl.col("carbon_intensity_gco2e_per_kwh").alias("value"),
            (pl.col("grid_zone_id") == "WORLD").alias("is_marked"),
            in_words("carbon_intensity_gco2e_per_kwh", fmt.intensity).alias("intensity"),
            in_words("carbon_intensity_gco2e_per_kwh", fmt.significant).alias("end"),
        ),
        value=Axis("Carbon intensity of electricity (gCO₂e per kWh, lifecycle)"),
        category_title="",
        tips=[("Intensity", "intensity")],
        bar_height_px=24,
    )
    lowest, highest = known.row(0, named=True), known.row(-1, named=True)
    ratio = (
        highest["carbon_intensity_gco2e_per_kwh"] / lowest["carbon_intensity_gco2e_per_kwh"]
        if lowest["carbon_intensity_gco2e_per_kwh"]
        else None
    )
    return blocks.card(
        "The same electricity, country by country",
        blocks.plot(figure, "Yearly carbon intensity of electricity in well-known countries."),
        subtitle=f"The same computation emits {fmt.factor(ratio)} as much in "
        f"{blocks.text(highest['grid_zone_name'])} as in {blocks.text(lowest['grid_zone_name'])}. "
        "Yearly averages over a country's own generation; the world in orange.",
        source=cited(context, known["source_id"].unique().to_list()),
        download=blocks.Download("joulehouse_grid_intensity.csv", lambda: frame),
    )


def _kinds(frame: pl.DataFrame) -> Sequence[str]:
    return sorted(frame["label_kind"].drop_nulls().unique().to_list())
