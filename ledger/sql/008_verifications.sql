-- When the ledger was last verified, and how it ended, for whoever watches it without a person's key: working notes. The fact
-- itself stands in the ledger.
CREATE TABLE work.verification (
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    intact boolean NOT NULL
);
CREATE INDEX verification_finished_at ON work.verification (finished_at);
GRANT SELECT, INSERT ON work.verification TO :app;
