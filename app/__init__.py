"""The one place that reads the environment: settings, logs, opening a ledger, the command line."""
