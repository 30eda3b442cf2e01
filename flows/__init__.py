"""When things happen and in what order: Prefect flows, their schedules, and the command line."""
