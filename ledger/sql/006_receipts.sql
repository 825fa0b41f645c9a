-- Receipts of acts: what was promised of a line, and its proof, each as it was first handed over; and claims of attempts.

-- One row for each thing that was signed of a line. Nothing in it is of a person: ids, hashes, instants, signatures.
CREATE TABLE ledger.receipt (
    notification_id bigint NOT NULL,                              -- the entry
    stage text NOT NULL CHECK (stage IN (
        'promesse',                                               -- the signed promise of the line: always the first row
        'scellement',                                             -- a proof against the first checkpoint that holds it
        'cosignature'                                             -- a proof against the first one that enough witnesses cosigned
    )),
    text text NOT NULL CHECK (length(text) <= 65536),             -- a C2SP signed note, or a C2SP tlog-proof
    rendered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (notification_id, stage)
);

-- An attempt deposited without identity is claimed once: the second column is the fact that claims it, in a person's life.
CREATE TABLE ledger.claimed_attempt (
    attempt uuid PRIMARY KEY,                                     -- event_id of the attempt, of a subject that is nobody
    claim uuid NOT NULL,                                          -- event_id of the fact that claims it
    claimed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Append-only, even for the owner, as every table of the ledger.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.receipt
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.claimed_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.receipt ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.claimed_attempt ENABLE ALWAYS TRIGGER append_only;

-- Keeps the promise of a line, or finds the one that was kept first: whoever asks again, or at once, gets the same text.
-- What is kept is of this very line: the six lines of a promise are made again here, and only its signatures are taken.
CREATE FUNCTION ledger.keep_promise(notification bigint, promise text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    said text;
BEGIN
    SELECT concat_ws(chr(10), 'constat/1 promesse', (SELECT origin FROM log), replace(e.originator_id::text, '-', ''),
        e.originator_version, encode(e.leaf_hash, 'base64'),
        to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '', '') INTO said
    FROM entry AS e WHERE e.notification_id = notification;
    IF said IS NULL OR NOT starts_with(promise, said)
        OR substr(promise, length(said) + 1) !~ '^(— [^[:space:]]+ [A-Za-z0-9+/]+=*\n){1,8}$'
    THEN
        RAISE EXCEPTION 'this is not the promise of that line' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO receipt (notification_id, stage, text) VALUES (notification, 'promesse', promise) ON CONFLICT DO NOTHING;
    RETURN (SELECT r.text FROM receipt AS r WHERE r.notification_id = notification AND r.stage = 'promesse');
END $$;

-- Keeps the proof of a line against the checkpoint of ``upto`` lines, or finds the one that was kept first at that stage.
-- What is kept is of the line's own position, and of a checkpoint that this log signed.
CREATE FUNCTION ledger.keep_proof(notification bigint, stage_ text, upto bigint, proof text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    place bigint := (SELECT l.position FROM leaf AS l WHERE l.notification_id = notification);
    signed text := (SELECT c.note FROM checkpoint AS c WHERE c.size = upto);
BEGIN
    IF place IS NULL OR signed IS NULL OR upto < place OR stage_ NOT IN ('scellement', 'cosignature')
        OR NOT starts_with(proof, 'c2sp.org/tlog-proof@v1' || chr(10) || 'index ' || place - 1 || chr(10))
        OR NOT starts_with(substr(proof, strpos(proof, chr(10) || chr(10)) + 2), signed)
    THEN
        RAISE EXCEPTION 'this is not a proof of that line' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO receipt (notification_id, stage, text) VALUES (notification, stage_, proof) ON CONFLICT DO NOTHING;
    RETURN (SELECT r.text FROM receipt AS r WHERE r.notification_id = notification AND r.stage = stage_);
END $$;

-- Keeps the claim of an attempt, or finds the one that came first; returns the claim that holds.
CREATE FUNCTION ledger.claim_attempt(attempt_ uuid, claim_ uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM entry AS e JOIN shared_subject AS s USING (subject) WHERE e.event_id = attempt_) THEN
        RAISE EXCEPTION 'there is no such attempt of nobody' USING ERRCODE = 'foreign_key_violation';
    END IF;
    INSERT INTO claimed_attempt (attempt, claim) VALUES (attempt_, claim_) ON CONFLICT DO NOTHING;
    RETURN (SELECT c.claim FROM claimed_attempt AS c WHERE c.attempt = attempt_);
END $$;

-- Least privilege: the application adds through the functions, and reads.
REVOKE ALL ON FUNCTION ledger.keep_promise, ledger.keep_proof, ledger.claim_attempt FROM PUBLIC;
GRANT SELECT ON ledger.receipt, ledger.claimed_attempt TO :app;
GRANT EXECUTE ON FUNCTION ledger.keep_promise, ledger.keep_proof, ledger.claim_attempt TO :app;
