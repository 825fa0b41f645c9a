"""WHAT CAN BE SEEN: disposable readings of the ledger; dropping and refilling one gives the same rows."""
