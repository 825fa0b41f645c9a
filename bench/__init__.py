"""Measures: what the ledger does against its peers, in one run on one machine. A benchmark is not a timed test."""
