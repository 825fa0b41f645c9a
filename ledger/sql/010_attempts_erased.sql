-- Destroys a key, for ever: a person's, or that of an attempt of nobody which a person who was erased had claimed and not given
-- back, since it says what she said. Refused while a hold stands (by the trigger), for any other subject that is no person, and
-- when there is another number of entries than the caller read and judged. One at a time: ids of ledger.erasure are seen in
-- their order, so that a reader who knows the last one knows them all.
CREATE OR REPLACE FUNCTION ledger.destroy_key(subject_ uuid, entries_ bigint, key_digest_ bytea, receipt_ bytea)
RETURNS TABLE (erased_at timestamptz, wrapped_by text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('constat.erasure', 0));
    SELECT k.kek_id INTO wrapped_by FROM person_key AS k WHERE k.subject = subject_ FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no key of %', subject_ USING ERRCODE = 'no_data_found';
    END IF;
    IF EXISTS (SELECT FROM shared_subject AS s WHERE s.subject = subject_) AND NOT EXISTS (
        SELECT FROM entry AS attempt JOIN claimed_attempt AS c ON c.attempt = attempt.event_id
            JOIN entry AS claim ON claim.event_id = c.claim JOIN erasure AS e ON e.subject = claim.subject
        WHERE attempt.subject = subject_ AND c.turn % 2 = 1 AND NOT EXISTS (
            SELECT FROM claimed_attempt AS since WHERE since.attempt = c.attempt AND since.turn > c.turn))
    THEN
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

-- The claim of a fact is found by it.
CREATE INDEX claimed_attempt_claim ON ledger.claimed_attempt (claim);

-- What an import notes of a file is a keyed digest from now on: a plain one confirms a guess of what a small file says. Those of
-- before leave; a file whose import was cut off is read again from its first line, and what is there is recognised.
DELETE FROM work.import_progress;
