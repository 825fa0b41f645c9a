"""The demonstration: the sample dossiers recorded, and what the ledger says of them."""

from app.demo.recit import run

__all__ = ["run"]
