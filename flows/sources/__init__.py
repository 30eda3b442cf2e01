"""One module a provider: fetch its bodies, and parse them to rows."""
