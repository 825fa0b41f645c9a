-- A second wall behind the site's own decision (ADR 0012): whoever reads of a person for a page reads under a role that sees the
-- rows of the persons opened in this very transaction, whatever its query asks for. Everybody else reads as before.

-- What the program signs an opening with. The application reads it; a reader does not, and so opens nobody by itself.
CREATE TABLE work.reading (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    secret bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
);
INSERT INTO work.reading DEFAULT VALUES;
GRANT SELECT ON work.reading TO :app;

-- The persons opened in this transaction: `constat.opened` names them and is signed (see ledger/reading.py); NULL otherwise.
CREATE FUNCTION ledger.opened() RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    said text := current_setting('constat.opened', true);
    named text := split_part(said, '.', 1);
    key bytea := (SELECT secret FROM work.reading);
BEGIN
    IF split_part(said, '.', 2) = encode(sha256(key || sha256(key || convert_to(named, 'UTF8'))), 'hex') THEN
        RETURN string_to_array(named, ',')::uuid[];
    END IF;
    RETURN NULL;
END $$;

-- The subject of a person by the keyed digest of her reference, which nobody makes without the deployment's keys.
CREATE FUNCTION ledger.person_named(index_ bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
    SELECT k.subject FROM person_key AS k
    WHERE k.blind_index = index_ AND NOT EXISTS (SELECT FROM shared_subject AS s WHERE s.subject = k.subject)
$$;

-- Every role reads as its rights say; the reader, the persons opened, what then concerns everybody (incidents), and what the log
-- says of itself. The functions are asked once a statement, not once a row. Never FORCE: the owner's functions read everything.
ALTER TABLE ledger.entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON ledger.entry USING (true);
CREATE POLICY opened ON ledger.entry AS RESTRICTIVE TO :reader USING (
    subject = ANY ((SELECT ledger.opened())::uuid[])
    OR topic = 'constat/1/registre'
    OR subject IN (
        SELECT s.subject FROM ledger.shared_subject AS s WHERE s.flux = 'incident' AND (SELECT ledger.opened()) IS NOT NULL)
);
ALTER TABLE ledger.person_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON ledger.person_key USING (true);
CREATE POLICY opened ON ledger.person_key AS RESTRICTIVE TO :reader, :lister USING (
    subject = ANY ((SELECT ledger.opened())::uuid[])
    OR subject IN (
        SELECT s.subject FROM ledger.shared_subject AS s WHERE s.flux = 'incident' AND (SELECT ledger.opened()) IS NOT NULL)
);

-- Least privilege. The reader reads entries and what proves them; who lists across persons reads keys of those it names, and the
-- tables of the projections that are made for it (see ledger/follower.py): no entry.
REVOKE ALL ON FUNCTION ledger.opened, ledger.person_named FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.opened, ledger.person_named TO :app, :reader, :lister;
GRANT USAGE ON SCHEMA ledger TO :reader, :lister;
GRANT SELECT ON ledger.person_key, ledger.shared_subject TO :reader, :lister;
GRANT SELECT (id) ON ledger.erasure TO :reader, :lister;
GRANT SELECT ON ledger.log, ledger.entry, ledger.leaf, ledger.tile, ledger.checkpoint, ledger.cosignature, ledger.token,
    ledger.receipt TO :reader;
-- The recensement, whose proof that nothing of a person is left out shows the streams beside hers: random ids, hashes.
GRANT USAGE ON SCHEMA work TO :reader;
GRANT SELECT ON work.stream_head, work.census_tile, work.census TO :reader;
