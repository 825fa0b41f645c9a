"""How the programs of this repository speak to whoever runs them: it knows nothing of the ledger."""
