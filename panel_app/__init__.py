"""The dashboard: what stakeholders see of the published warehouse."""
