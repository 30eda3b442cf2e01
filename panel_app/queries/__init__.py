"""What the pages ask of the warehouse: functions from the current build to frames."""
