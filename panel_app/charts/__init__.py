"""Charts: functions from a frame to a Bokeh figure. No query, no state."""
