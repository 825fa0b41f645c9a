-- The ledger: what happened, once, for ever. Forward-only; a sentence above each statement.
-- Run by the owner. The placeholders :origin and :app are filled in by the migration runner.

-- The owner alone may create in this schema; the application role only passes through it.
CREATE SCHEMA ledger;

-- Which log this is: its origin stands in every line, so that no line can be shown as another log's.
CREATE TABLE ledger.log (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    origin text NOT NULL CHECK (origin ~ '^[a-z0-9./-]{3,80}$'),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The origin is given once, by the deployment.
INSERT INTO ledger.log (origin) VALUES (:origin);

-- One row per entry. Readable: where it stands and when it was recorded. Not readable without the person's key: the rest.
CREATE TABLE ledger.entry (
    originator_id uuid NOT NULL,                                  -- stream, random
    originator_version bigint NOT NULL,                           -- place in the stream, dense
    topic text NOT NULL,                                          -- stored form of the parts, not the event's name
    state bytea NOT NULL,                                         -- sealed part: fait
    acteur bytea,                                                 -- sealed part: acteur
    pieces bytea,                                                 -- sealed part: pieces, absent when there are none
    notification_id bigint GENERATED ALWAYS AS IDENTITY,          -- order of arrival, with gaps: nobody follows it
    subject uuid NOT NULL,                                        -- the person (or the incident) whose life this is
    event_id uuid NOT NULL,                                       -- the same fact sent twice has the same id
    command_id uuid NOT NULL,                                     -- what was asked, so that a repeated command is known
    recorded_at timestamptz NOT NULL,                             -- the database's clock
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),               -- lets the sequencer stay below what is in flight
    line text NOT NULL,                                           -- the leaf: canonical JSON, commitments only
    leaf_hash bytea NOT NULL,                                     -- SHA-256(0x00 || line), RFC 6962 section 2.1
    PRIMARY KEY (originator_id, originator_version),
    UNIQUE (event_id)
) WITH (autovacuum_vacuum_scale_factor = 0.5, autovacuum_analyze_scale_factor = 0.02);

-- Joins the sealed order back to the rows; rows arrive in this order, so the index only grows at its right edge.
CREATE UNIQUE INDEX entry_notification_id ON ledger.entry (notification_id);

-- A whole life in one indexed read.
CREATE INDEX entry_subject ON ledger.entry (subject);

-- The sequencer reads only what is new.
CREATE INDEX entry_xid ON ledger.entry (xid);

-- The sealed order: every follower reads positions, which have no gaps and never appear late. A second copy of the hash.
CREATE TABLE ledger.leaf (
    position bigint PRIMARY KEY,
    notification_id bigint NOT NULL UNIQUE,
    leaf_hash bytea NOT NULL
);

-- One row per run of the sequencer: up to which transaction everything committed has been given its position.
CREATE TABLE ledger.sealing (
    last_position bigint PRIMARY KEY,
    horizon xid8 NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- One key per person, wrapped by the deployment's key. The only rows of this schema that may ever leave (erasure).
CREATE TABLE ledger.person_key (
    blind_index bytea PRIMARY KEY,                                -- keyed digest of the reference, to find the row
    subject uuid NOT NULL UNIQUE,                                 -- random
    kek_id text NOT NULL,                                         -- which deployment key wraps it
    wrapped bytea NOT NULL,                                       -- AES-256-GCM(kek, key), bound to the subject
    reference bytea NOT NULL,                                     -- AES-256-GCM(key, reference), bound to the subject
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Refuses to change the past, whoever asks.
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- Append-only, even for the owner.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.leaf
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.sealing
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.log
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
-- A key may be destroyed (by a role of its own, later); it may never be changed, nor all be dropped at once.
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON ledger.person_key
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- ALWAYS: session_replication_role = replica does not skip them.
ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.leaf ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.sealing ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.log ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.person_key ENABLE ALWAYS TRIGGER append_only;

-- The leaf hash of a line (RFC 6962 section 2.1: one zero byte before the leaf).
CREATE FUNCTION ledger.leaf_hash(line text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha256('\x00'::bytea || convert_to(line, 'UTF8'))
$$;

-- One step along a stream: the next line names the hash of the line before it.
CREATE FUNCTION ledger.next_line(before text, head bytea, opening text, closing text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT opening || coalesce(
        ',"prev":"' || encode(coalesce(sha256('\x00'::bytea || convert_to(before, 'UTF8')), head), 'hex') || '"', ''
    ) || closing
$$;

-- Runs along a stream's new entries, in order: a whole batch is chained by one statement.
CREATE AGGREGATE ledger.chain(bytea, text, text) (sfunc = ledger.next_line, stype = text);

-- The only way in. One statement, one commit, no lock: the primary key refuses a lost race, event_id a repeat.
-- SECURITY DEFINER: the application role may call it and may not insert by itself, so time, order and chain are ours.
CREATE FUNCTION ledger.append(
    versions bigint[], streams uuid[], topics text[], subjects uuid[], event_ids uuid[], command_ids uuid[],
    c_faits bytea[], c_acteurs bytea[], c_pieces bytea[], states bytea[], acteurs bytea[], pieces_ bytea[]
) RETURNS TABLE (notification_id bigint, recorded_at timestamptz, line text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp
-- Planned once: plans made for each call's arrays cost more than the writing itself.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    at text := to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    origin_ text := (SELECT origin FROM log);
    missing bigint;
BEGIN
    -- An xid taken earlier in the transaction could sort this entry before the one it follows.
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'append must be the first write of its transaction' USING ERRCODE = 'invalid_transaction_state';
    END IF;

    SELECT count(*) INTO missing FROM (
        SELECT s, v, lag(v) OVER (PARTITION BY s ORDER BY v) AS before FROM unnest(streams, versions) AS d(s, v)
    ) AS d
    WHERE v < 0 OR (CASE WHEN before IS NOT NULL THEN before <> v - 1 AND before <> v
        ELSE v > 1 AND NOT EXISTS (
            SELECT FROM entry AS e WHERE e.originator_id = d.s AND e.originator_version = d.v - 1)
        END);
    IF missing > 0 THEN
        RAISE EXCEPTION 'a stream would have a gap' USING ERRCODE = 'foreign_key_violation';
    END IF;

    RETURN QUERY
    INSERT INTO entry (
        originator_id, originator_version, topic, state, acteur, pieces, subject, event_id, command_id, recorded_at,
        line, leaf_hash)
    SELECT s, v, topic, state, acteur, pieces, subject, event_id, command_id, moment, new_line, leaf_hash(new_line)
    FROM (
        SELECT d.*, chain(
            (SELECT e.leaf_hash FROM entry AS e WHERE e.originator_id = s AND e.originator_version = v - 1),
            '{"at":"' || at || '","c":{'
                || CASE WHEN c_acteur IS NULL THEN '' ELSE '"acteur":"' || encode(c_acteur, 'hex') || '",' END
                || '"fait":"' || encode(c_fait, 'hex') || '"'
                || CASE WHEN c_piece IS NULL THEN '' ELSE ',"pieces":"' || encode(c_piece, 'hex') || '"' END
                || '},"log":"' || origin_ || '","pos":' || v,
            ',"stream":"' || replace(s::text, '-', '') || '","v":1}'
        ) OVER (PARTITION BY s ORDER BY v ROWS UNBOUNDED PRECEDING) AS new_line
        FROM unnest(
            streams, versions, topics, subjects, event_ids, command_ids, c_faits, c_acteurs, c_pieces,
            states, acteurs, pieces_
        ) WITH ORDINALITY AS d(
            s, v, topic, subject, event_id, command_id, c_fait, c_acteur, c_piece, state, acteur, pieces, ordinal)
    ) AS chained
    ORDER BY ordinal
    RETURNING entry.notification_id, entry.recorded_at, entry.line;
END $$;

-- The sequencer. Entries of finished transactions get the next positions, without a gap, in one order for everybody;
-- whoever holds the lock does it for all. Returns the number of entries placed, NULL when another one is at work.
CREATE FUNCTION ledger.sequence() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    from_xid xid8;
    from_position bigint;
    placed bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('constat.sequencer', 0)) THEN
        RETURN NULL;
    END IF;
    SELECT horizon, last_position INTO from_xid, from_position FROM sealing ORDER BY last_position DESC LIMIT 1;
    from_position := coalesce(from_position, 0);

    WITH horizon AS MATERIALIZED (
        SELECT pg_snapshot_xmin(pg_current_snapshot()) AS upto
    ), placed_now AS (
        INSERT INTO leaf (position, notification_id, leaf_hash)
        SELECT from_position + row_number() OVER (ORDER BY e.xid, e.notification_id), e.notification_id, e.leaf_hash
        FROM entry AS e, horizon
        WHERE e.xid >= coalesce(from_xid, '0'::xid8) AND e.xid < horizon.upto
        RETURNING position
    )
    INSERT INTO sealing (last_position, horizon)
    SELECT from_position + count(*), (SELECT upto FROM horizon) FROM placed_now HAVING count(*) > 0;

    SELECT last_position - from_position INTO placed FROM sealing ORDER BY last_position DESC LIMIT 1;
    IF coalesce(placed, 0) > 0 THEN
        PERFORM pg_notify('constat_sealed', (from_position + placed)::text);
    END IF;
    RETURN coalesce(placed, 0);
END $$;

-- Least privilege: the application appends through the functions, reads, and adds keys.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO :app;
GRANT SELECT ON ledger.log, ledger.entry, ledger.leaf, ledger.sealing, ledger.person_key TO :app;
GRANT INSERT ON ledger.person_key TO :app;
GRANT EXECUTE ON FUNCTION ledger.append, ledger.sequence, ledger.leaf_hash TO :app;

-- What imports have done so far: working notes, not facts; kept in the same transaction as the facts themselves.
CREATE SCHEMA work;
CREATE TABLE work.import_progress (
    file_digest bytea PRIMARY KEY,                                -- SHA-256 of the whole file
    byte_offset bigint NOT NULL,                                  -- everything before it is in the ledger or rejected
    line_number bigint NOT NULL,
    recorded bigint NOT NULL,
    repeated bigint NOT NULL,
    rejected bigint NOT NULL,
    rejects_offset bigint NOT NULL,                               -- length of the rejects file at that moment
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT USAGE ON SCHEMA work TO :app;
GRANT SELECT, INSERT, UPDATE, DELETE ON work.import_progress TO :app;
