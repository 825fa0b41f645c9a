"""Forward-only, as those of the ledger."""
