-- The seal: a Merkle tree over the sealed order, in tiles that never change, and the signed checkpoints of it.

-- A tile of 256 hashes (C2SP tlog-tiles), once it is full. One that is not is read from what lies below it: the last leaves
-- for level 0, the roots of the last full tiles for the levels above. So nothing here is ever changed.
CREATE TABLE ledger.tile (
    level smallint NOT NULL CHECK (level >= 0),
    n bigint NOT NULL CHECK (n >= 0),
    data bytea NOT NULL CHECK (length(data) = 8192),
    root bytea NOT NULL CHECK (length(root) = 32),                -- the root of the subtree that it spans
    PRIMARY KEY (level, n) INCLUDE (root)
);
-- Hashes do not compress: kept as they are, a part can be read without the rest.
ALTER TABLE ledger.tile ALTER COLUMN data SET STORAGE EXTERNAL;

-- One row per size at which the log signed its tree. One size is never signed with two roots: the primary key holds it.
CREATE TABLE ledger.checkpoint (
    size bigint PRIMARY KEY CHECK (size > 0),
    root bytea NOT NULL CHECK (length(root) = 32),
    note text NOT NULL,                                           -- C2SP tlog-checkpoint, signed by the log alone
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What witnesses have signed of a checkpoint, each line as it came and was verified.
CREATE TABLE ledger.cosignature (
    size bigint NOT NULL REFERENCES ledger.checkpoint,
    witness text NOT NULL,                                        -- the verifier key, in full
    line text NOT NULL,                                           -- C2SP tlog-cosignature
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (size, witness)
);

-- RFC 3161 tokens over frozen checkpoint files. The file stands here whole: a token is of these very bytes.
CREATE TABLE ledger.token (
    sha256 bytea PRIMARY KEY,                                     -- of the token
    size bigint NOT NULL REFERENCES ledger.checkpoint,
    frozen text NOT NULL,                                         -- the checkpoint with its cosignatures, as stamped
    token bytea NOT NULL,                                         -- RFC 3161 TimeStampResp, DER
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Append-only, even for the owner, as every table of the ledger.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.tile
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.token
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.tile ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.checkpoint ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.cosignature ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.token ENABLE ALWAYS TRIGGER append_only;

-- The log's own leaves: what happens to the log itself (a recensement, a token, a change of key, an export, an erasure, an
-- hour without news) is an entry of it, in a stream of its own for each kind, and stands in the tree with the others. Its line
-- holds what it says in clear, since it never says anything of a person: text and whole numbers only, so that sorted keys
-- make it canonical (RFC 8785). Nothing else is stored of it.
CREATE FUNCTION ledger.append_own(kind_ text, said json) RETURNS TABLE (notification_id bigint, line text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    origin_ text := (SELECT origin FROM log);
    stream uuid := encode(substr(sha256(convert_to('constat/1 registre' || chr(10) || origin_ || chr(10) || kind_,
        'UTF8')), 1, 16), 'hex')::uuid;
    id uuid;
    place bigint;
    head bytea;
    new_line text;
BEGIN
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'append must be the first write of its transaction' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF kind_ !~ '^[a-z_]{3,30}$' OR json_typeof(said) <> 'object' OR EXISTS (
        SELECT FROM json_each(said) AS f
        WHERE f.key !~ '^[a-z0-9_]{1,30}$' OR f.key IN ('at', 'kind', 'log', 'pos', 'prev', 'stream', 'v')
            OR json_typeof(f.value) NOT IN ('string', 'number') OR f.value::text !~ '^("[ !#-\[\]-~]*"|0|[1-9][0-9]{0,14})$')
    THEN
        RAISE EXCEPTION 'a leaf of the log itself says plain text and whole numbers only' USING ERRCODE = 'check_violation';
    END IF;

    SELECT coalesce(max(e.originator_version), 0) + 1 INTO place FROM entry AS e WHERE e.originator_id = stream;
    SELECT e.leaf_hash INTO head FROM entry AS e WHERE e.originator_id = stream AND e.originator_version = place - 1;
    id := encode(substr(sha256(convert_to(stream || '/' || place, 'UTF8')), 1, 16), 'hex')::uuid;
    SELECT '{' || string_agg('"' || f.key || '":' || f.value, ',' ORDER BY f.key COLLATE "C") || '}' INTO new_line
    FROM (
        SELECT key, value::text FROM json_each(said)
        UNION ALL VALUES
            ('at', '"' || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '"'),
            ('kind', '"' || kind_ || '"'), ('log', '"' || origin_ || '"'), ('pos', place::text),
            ('prev', '"' || encode(head, 'hex') || '"'), ('stream', '"' || replace(stream::text, '-', '') || '"'), ('v', '1')
    ) AS f(key, value) WHERE f.value IS NOT NULL;

    RETURN QUERY
    INSERT INTO entry (originator_id, originator_version, topic, state, subject, event_id, command_id, recorded_at,
        line, leaf_hash)
    VALUES (stream, place, 'constat/1/registre', ''::bytea, stream, id, id, moment, new_line, leaf_hash(new_line))
    RETURNING entry.notification_id, entry.line;
END $$;

-- The sealer reads, orders, adds tiles, checkpoints, cosignatures, tokens and the log's own leaves: nothing of a person's.
REVOKE ALL ON FUNCTION ledger.append_own FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO :sealer;
GRANT SELECT ON ledger.log, ledger.entry, ledger.leaf, ledger.sealing, ledger.tile, ledger.checkpoint, ledger.cosignature,
    ledger.token TO :sealer;
GRANT INSERT ON ledger.tile, ledger.checkpoint, ledger.cosignature, ledger.token TO :sealer;
GRANT EXECUTE ON FUNCTION ledger.sequence, ledger.append_own TO :sealer;
-- The application reads the seal, and says of the log what it did: an export, an erasure.
GRANT SELECT ON ledger.tile, ledger.checkpoint, ledger.cosignature, ledger.token TO :app;
GRANT EXECUTE ON FUNCTION ledger.append_own TO :app;

-- Where each stream ended at the last recensement, and the tree of it. Drawn again from the entries at any time: no fact.
CREATE TABLE work.stream_head (
    subject uuid NOT NULL,
    stream uuid NOT NULL,
    pos bigint NOT NULL,                                          -- place of its last entry
    leaf_hash bytea NOT NULL,                                     -- of that entry
    PRIMARY KEY (subject, stream)
);
CREATE TABLE work.census_tile (
    level smallint NOT NULL,
    n bigint NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (level, n)
);
-- Up to which position they hold, and the root that the log's own leaf says.
CREATE TABLE work.census (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL,
    streams bigint NOT NULL,
    root bytea NOT NULL
);
GRANT USAGE ON SCHEMA work TO :sealer;
GRANT SELECT, INSERT, UPDATE, DELETE ON work.stream_head, work.census_tile, work.census TO :sealer;
GRANT SELECT ON work.stream_head, work.census_tile, work.census TO :app;

-- When the schema was changed by this program: what a verification needs to tell a migration from a hand.
GRANT USAGE ON SCHEMA migration TO :app;
GRANT SELECT ON migration.applied TO :app;
