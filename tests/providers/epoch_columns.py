"""The column names of Epoch AI's downloads, in their order."""

from __future__ import annotations

MODEL_COLUMNS = (
    "Model", "Organization", "Publication date", "Domain", "Task", "Parameters", "Parameters notes",
    "Training compute (FLOP)", "Training compute notes", "Training dataset",
    "Training dataset size (total)", "Dataset size notes", "Confidence", "Link", "Reference",
    "Citations", "Authors", "Abstract", "Organization categorization", "Country (of organization)",
    "Notability criteria", "Notability criteria notes", "Epochs", "Training time (hours)",
    "Training time notes", "Training hardware", "Hardware quantity", "Hardware utilization (MFU)",
    "Training compute cost (2023 USD)", "Compute cost notes", "Training power draw (W)",
    "Base model", "Finetune compute (FLOP)", "Finetune compute notes", "Batch size",
    "Batch size notes", "Model accessibility", "Training code accessibility",
    "Inference code accessibility", "Accessibility notes", "Numerical format", "Frontier model",
    "Hardware acquisition cost", "Hardware utilization (HFU)", "Training compute cost (cloud)",
    "Training compute cost (upfront)", "Open model weights?",
)  # fmt: skip
HARDWARE_COLUMNS = (
    "Hardware name", "Manufacturer", "Type", "Notes", "Release date", "Release price (USD)",
    "Tensor-FP16/BF16 performance (FLOP/s)", "FP8 performance (FLOP/s)", "FP4 performance (FLOP/s)",
    "Memory (bytes)", "Memory bandwidth (byte/s)", "Intranode bandwidth (byte/s)",
    "Internode bandwidth (bit/s)", "TDP (W)", "FP64 (double precision) performance (FLOP/s)",
    "FP32 (single precision) performance (FLOP/s)", "TF32 (TensorFloat-32) performance (FLOP/s)",
    "FP16 (half precision) performance (FLOP/s)", "INT16 performance (OP/s)",
    "INT8 performance (OP/s)", "INT4 performance (OP/s)", "Foundry", "Die Size (mm^2)",
    "Base clock (MHz)", "Boost clock (MHz)", "Memory clock (MHz)", "Memory bus (bit)",
    "Tensor cores", "Process size (nm)", "Transistors (millions)", "Link to datasheet",
    "Source for the price", "ML models", "Last modified", "Max performance", "Energy efficiency",
    "Total processing performance (bit-OP/s)", "Price-performance", "ML OP/s",
)  # fmt: skip
# Of these three no download was seen: the columns that the documentation names.
CLUSTER_COLUMNS = (
    *("Name", "Status", "Certainty", "Country", "Power Capacity (MW)", "H100 equivalents"),
    *("Chip type (primary)", "Chip quantity (primary)", "Owner", "Note", "First Operational Date"),
)
CENTER_COLUMNS = (
    *("Name", "Owner", "Users", "Country", "Current power (MW)", "Current H100 equivalents"),
    "Notes",
)
TIMELINE_COLUMNS = ("Data center", "Date", "Power (MW)", "H100 equivalents", "Notes")

OLDER_NAMES = {
    "Training dataset size (total)": "Training dataset size (gradients)",
    "Country (of organization)": "Country (from Organization)",
    "Memory (bytes)": "Memory size per board (Byte)",
}
"""What some columns were called in earlier downloads."""
