-- What a mirror gave back after a restore, until the log has said so: noted with the rows themselves, so that no crash comes between.
CREATE TABLE work.restoration (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL
);

-- The sealer says it, and takes the note away in the same transaction.
GRANT SELECT, DELETE ON work.restoration TO :sealer;
