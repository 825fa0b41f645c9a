"""What a verification redoes, a module for each part of the ledger: streams, order, tree, guards."""
