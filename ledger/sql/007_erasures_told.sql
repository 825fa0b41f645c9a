-- The sealer says of each erasure, in the log itself, that it took place: it may know that it did, and nothing of whose it was.
GRANT SELECT (id, entries, receipt) ON ledger.erasure TO :sealer;
