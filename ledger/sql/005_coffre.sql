-- The coffre: keys that are wrapped anew, keys that are destroyed, and the legal holds that forbid it. A key row changes and
-- leaves through two functions only, and each of them first writes what it does where nothing is ever changed.

-- Legal holds. While one stands, no statement of any role deletes the person's key: the trigger below sees to it.
CREATE TABLE ledger.hold (
    subject uuid NOT NULL,
    hold uuid NOT NULL,                                           -- event_id of the fact that places it
    act text NOT NULL CHECK (act IN ('placed', 'lifted')),
    until date CHECK (act = 'placed' OR until IS NULL),           -- its last civil day in Paris; NULL: until it is lifted
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subject, hold, act)
);

-- Keys destroyed. Nothing here is a person's: what remains is that a key was, who wrapped it, and how much it opened.
CREATE TABLE ledger.erasure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,           -- becomes visible in its order: see ledger.destroy_key
    subject uuid NOT NULL UNIQUE,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kek_id text NOT NULL,                                         -- final once this key is destroyed: backups keep rows
    key_digest bytea NOT NULL CHECK (length(key_digest) = 32),    -- of the key destroyed
    entries bigint NOT NULL CHECK (entries >= 0),                 -- how many entries nobody can read any more
    receipt bytea NOT NULL CHECK (length(receipt) = 32),          -- SHA-256 of the erasure receipt
    xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);

-- One row per run of ledger.rewrap: when, to which deployment key, how many rows at most.
CREATE TABLE ledger.rewrapping (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kek_id text NOT NULL,
    keys bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX rewrapping_xid ON ledger.rewrapping (xid);

-- The end of a deployment key: retired (no row may be wrapped with it), then destroyed where it was kept.
CREATE TABLE ledger.kek_end (
    kek_id text NOT NULL,
    act text NOT NULL CHECK (act IN ('retired', 'destroyed')),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kek_id, act)
);

-- Append-only, even for the owner, as every table of the ledger.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.hold
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.erasure
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.rewrapping
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.kek_end
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.hold ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.erasure ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.rewrapping ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.kek_end ENABLE ALWAYS TRIGGER append_only;

-- Which rows a deployment key wraps, in one order: for a rotation, and before it is retired.
CREATE INDEX person_key_kek ON ledger.person_key (kek_id, subject);

-- Refuses to change the past, whoever asks; lets keys be updated by a transaction that says so in ledger.rewrapping. What such
-- an update may touch is for the trigger on each row.
CREATE OR REPLACE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_RELID = 'ledger.person_key'::regclass
        AND EXISTS (SELECT FROM ledger.rewrapping WHERE xid = pg_current_xact_id_if_assigned())
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: % on %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- Whether a legal hold stands on a subject today, the civil day in Paris by the database's clock.
CREATE FUNCTION ledger.held(subject_ uuid) RETURNS boolean LANGUAGE sql AS $$
    SELECT EXISTS (
        SELECT FROM ledger.hold AS p
        WHERE p.subject = subject_ AND p.act = 'placed'
            AND (p.until IS NULL OR p.until >= (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date)
            AND NOT EXISTS (SELECT FROM ledger.hold AS l
                WHERE l.subject = subject_ AND l.hold = p.hold AND l.act = 'lifted'))
$$;

-- Guards each key row. A new one is not wrapped with a retired key, which nobody has any more. An old one changes its wrapping
-- alone. None leaves while a hold stands, nor without its row in ledger.erasure, written by the same transaction; the lock
-- waits for whoever is placing a hold, and its answer is then seen.
CREATE FUNCTION ledger.guard_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF EXISTS (SELECT FROM ledger.kek_end WHERE kek_id = NEW.kek_id) THEN
            RAISE EXCEPTION 'the deployment key % is retired', NEW.kek_id USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    ELSIF TG_OP = 'UPDATE' THEN
        IF (NEW.blind_index, NEW.subject, NEW.reference, NEW.created_at)
            IS DISTINCT FROM (OLD.blind_index, OLD.subject, OLD.reference, OLD.created_at)
        THEN
            RAISE EXCEPTION 'the ledger is append-only: a key may be wrapped again, nothing else of it changes'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    PERFORM FROM ledger.person_key WHERE subject = OLD.subject FOR UPDATE;
    IF current_setting('transaction_isolation') <> 'read committed' OR ledger.held(OLD.subject) THEN
        RAISE EXCEPTION 'a legal hold may stand: the key of % stays', OLD.subject USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM ledger.erasure WHERE subject = OLD.subject AND xid = pg_current_xact_id()) THEN
        RAISE EXCEPTION 'the ledger is append-only: DELETE on ledger.person_key refused without an erasure'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER guard_key BEFORE INSERT OR UPDATE OR DELETE ON ledger.person_key
    FOR EACH ROW EXECUTE FUNCTION ledger.guard_key();
ALTER TABLE ledger.person_key ENABLE ALWAYS TRIGGER guard_key;

-- Places a hold, before the fact that says so is written: a crash in between leaves one hold too many, never one too few.
CREATE FUNCTION ledger.place_hold(subject_ uuid, hold_ uuid, until_ date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    PERFORM FROM person_key WHERE subject = subject_ FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no key of %: nothing left to hold', subject_ USING ERRCODE = 'foreign_key_violation';
    END IF;
    INSERT INTO hold (subject, hold, act, until) VALUES (subject_, hold_, 'placed', until_) ON CONFLICT DO NOTHING;
END $$;

-- Lifts a hold that was placed.
CREATE FUNCTION ledger.lift_hold(subject_ uuid, hold_ uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
    INSERT INTO hold (subject, hold, act)
    SELECT subject, hold, 'lifted' FROM hold WHERE subject = subject_ AND hold = hold_ AND act = 'placed'
    ON CONFLICT DO NOTHING
$$;

-- Wraps keys anew: the deployment key and the wrapping of each subject whose wrapping is still the one that was read. Returns
-- how many were changed; one that another session rewrapped or destroyed meanwhile is left as it is.
CREATE FUNCTION ledger.rewrap(kek_id_ text, subjects uuid[], before bytea[], after bytea[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    done bigint;
BEGIN
    LOCK TABLE person_key IN ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM kek_end AS e WHERE e.kek_id = kek_id_) THEN
        RAISE EXCEPTION 'the deployment key % is retired', kek_id_ USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO rewrapping (kek_id, keys) VALUES (kek_id_, cardinality(subjects));
    UPDATE person_key AS k SET kek_id = kek_id_, wrapped = d.after
    FROM unnest(subjects, before, after) AS d(subject, before, after)
    WHERE k.subject = d.subject AND k.wrapped = d.before;
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END $$;

-- Retires a deployment key that wraps no row any more. The lock waits for rows that are being written and holds new ones back
-- until the retirement is seen by all.
CREATE FUNCTION ledger.retire_kek(kek_id_ text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    LOCK TABLE person_key IN SHARE MODE;
    IF EXISTS (SELECT FROM person_key AS k WHERE k.kek_id = kek_id_) THEN
        RAISE EXCEPTION 'the deployment key % still wraps rows', kek_id_ USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO kek_end (kek_id, act) VALUES (kek_id_, 'retired') ON CONFLICT DO NOTHING;
END $$;

-- Says that a retired deployment key is gone from where it was kept: what it wrapped in backups opens no more.
CREATE FUNCTION ledger.end_kek(kek_id_ text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
    INSERT INTO kek_end (kek_id, act) SELECT kek_id, 'destroyed' FROM kek_end WHERE kek_id = kek_id_ AND act = 'retired'
    ON CONFLICT DO NOTHING
$$;

-- Destroys a person's key, for ever. Refused while a hold stands (by the trigger), for a subject that is no person, and when
-- the person has another number of entries than the caller read and judged. One at a time: ids of ledger.erasure are seen in
-- their order, so that a reader who knows the last one knows them all.
CREATE FUNCTION ledger.destroy_key(subject_ uuid, entries_ bigint, key_digest_ bytea, receipt_ bytea)
RETURNS TABLE (erased_at timestamptz, wrapped_by text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('constat.erasure', 0));
    SELECT k.kek_id INTO wrapped_by FROM person_key AS k WHERE k.subject = subject_ FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no key of %', subject_ USING ERRCODE = 'no_data_found';
    END IF;
    IF EXISTS (SELECT FROM shared_subject AS s WHERE s.subject = subject_) THEN
        RAISE EXCEPTION '% is no person', subject_ USING ERRCODE = 'check_violation';
    END IF;
    IF (SELECT count(*) FROM entry AS e WHERE e.subject = subject_) <> entries_ THEN
        RAISE EXCEPTION 'entries have come since they were read' USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO erasure (subject, kek_id, key_digest, entries, receipt)
    VALUES (subject_, wrapped_by, key_digest_, entries_, receipt_) RETURNING at INTO erased_at;
    DELETE FROM person_key AS k WHERE k.subject = subject_;
    RETURN NEXT;
END $$;

-- Least privilege. The application places and lifts holds and reads what was erased; the keeper alone wraps anew and destroys.
REVOKE ALL ON FUNCTION ledger.held, ledger.guard_key, ledger.place_hold, ledger.lift_hold, ledger.rewrap, ledger.retire_kek,
    ledger.end_kek, ledger.destroy_key FROM PUBLIC;
GRANT SELECT ON ledger.hold, ledger.erasure, ledger.rewrapping, ledger.kek_end TO :app;
GRANT EXECUTE ON FUNCTION ledger.held, ledger.place_hold, ledger.lift_hold TO :app;
GRANT USAGE ON SCHEMA ledger TO :keeper;
GRANT SELECT ON ledger.person_key, ledger.hold, ledger.erasure, ledger.rewrapping, ledger.kek_end TO :keeper;
GRANT EXECUTE ON FUNCTION ledger.held, ledger.rewrap, ledger.retire_kek, ledger.end_kek, ledger.destroy_key TO :keeper;

-- Erasures that are committed and not finished: documents still to delete, a receipt still to hand over. Working notes: a row
-- is written by the transaction that destroys the key and leaves when all is done, the blind index with it.
CREATE TABLE work.erasure (
    subject uuid PRIMARY KEY,
    blind_index bytea NOT NULL,                                   -- by which the same command finds it again
    documents text[] NOT NULL,                                    -- the names under which they are stored
    receipt text NOT NULL
);
CREATE INDEX erasure_blind_index ON work.erasure (blind_index);
GRANT USAGE ON SCHEMA work TO :keeper;
GRANT SELECT, INSERT, DELETE ON work.erasure TO :keeper;
