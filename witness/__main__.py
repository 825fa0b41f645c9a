"""``python -m witness``: the witness's commands where the ledger is not installed."""

from witness.cli import main

if __name__ == "__main__":
    main()
