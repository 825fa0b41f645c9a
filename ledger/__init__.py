"""WHAT HAPPENED: events, entries, streams, store."""
