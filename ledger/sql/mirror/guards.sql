-- The guards of a mirror, on top of those that the migrations made: its rows come from the operator and from nowhere else.
-- Run by `constat mirror setup`, in the mirror's database, as often as wanted.
CREATE SCHEMA IF NOT EXISTS mirror;

-- What the operator sent and the mirror did not take: another row stood already where this one was to stand. Kept for ever.
CREATE TABLE IF NOT EXISTS mirror.refused (
    relation text NOT NULL,
    theirs bytea NOT NULL,                                        -- SHA-256 of the row that came: see mirror.digest
    ours bytea NOT NULL,                                          -- of the row that stood there
    content jsonb NOT NULL,                                       -- the row that came, whole
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (relation, theirs)
);
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON mirror.refused
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE mirror.refused ENABLE ALWAYS TRIGGER append_only;

-- The digest of a row: SHA-256 of its JSON, with sorted names, times in UTC and bytes in hexadecimal.
CREATE OR REPLACE FUNCTION mirror.digest(row_ anyelement) RETURNS bytea LANGUAGE sql STABLE
SET timezone = 'UTC' SET bytea_output = 'hex' AS $$
    SELECT sha256(convert_to(to_jsonb(row_)::text, 'UTF8'))
$$;

-- Refuses a row that was not received: somebody took the mirror for a ledger, or meant well.
CREATE OR REPLACE FUNCTION mirror.refuse_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a mirror only receives: INSERT on %.% refused', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- Makes the guards of one table. A row that is received for the second time, the same in every column, is not added twice
-- (so that a copy may be begun again); one whose refusal is already kept does not stop the subscription again; any other row
-- at a place that is taken violates the table's keys, and stops it.
CREATE OR REPLACE PROCEDURE mirror.guard(name text) LANGUAGE plpgsql AS $$
DECLARE
    at_same_key text;
BEGIN
    SELECT string_agg(format('t.%1$I = NEW.%1$I', a.attname), ' AND ') INTO STRICT at_same_key
    FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey::smallint[])
    WHERE i.indrelid = format('ledger.%I', name)::regclass AND i.indisprimary
        AND array_position(i.indkey::smallint[], a.attnum) < i.indnkeyatts;
    EXECUTE format($f$
        CREATE OR REPLACE FUNCTION mirror.%1$I() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $t$
        BEGIN
            IF EXISTS (SELECT FROM ledger.%2$I AS t WHERE %3$s AND t IS NOT DISTINCT FROM NEW) THEN
                RETURN NULL;
            END IF;
            IF EXISTS (SELECT FROM mirror.refused) AND EXISTS (
                SELECT FROM mirror.refused AS r WHERE r.relation = %2$L AND r.theirs = mirror.digest(NEW))
            THEN
                RETURN NULL;
            END IF;
            RETURN NEW;
        END $t$
        $f$, 'admit_' || name, name, at_same_key);
    EXECUTE format('CREATE OR REPLACE TRIGGER admit BEFORE INSERT ON ledger.%I FOR EACH ROW EXECUTE FUNCTION mirror.%I()',
        name, 'admit_' || name);
    EXECUTE format('CREATE OR REPLACE TRIGGER received_only BEFORE INSERT ON ledger.%I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION mirror.refuse_insert()', name);
    -- REPLICA: fires for what is received and for nothing else. The other one is skipped for what is received, and only there.
    EXECUTE format('ALTER TABLE ledger.%I ENABLE REPLICA TRIGGER admit', name);
    EXECUTE format('ALTER TABLE ledger.%I ENABLE TRIGGER received_only', name);
END $$;

-- Refuses to drop a table of the ledger or of the mirror's own. In a third schema: one that is dropped takes its guard along.
CREATE OR REPLACE FUNCTION migration.refuse_drop() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_dropped_objects()
        WHERE schema_name IN ('ledger', 'mirror') AND object_type = 'table')
    THEN
        RAISE EXCEPTION 'a mirror keeps what it has received: DROP refused' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- What the guards read, they read as the owner of the ledger's tables; and what was dropped is nobody's to drop.
DO $$
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA mirror TO %1$I; GRANT SELECT ON mirror.refused TO %1$I',
        (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'ledger.entry'::regclass));
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
        AND NOT EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'constat_mirror_keeps')
    THEN
        CREATE EVENT TRIGGER constat_mirror_keeps ON sql_drop EXECUTE FUNCTION migration.refuse_drop();
    END IF;
END $$;
