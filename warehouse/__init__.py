"""Where the data live: settings, connections, landing, loading, publishing and reading."""
