-- The same door as in 001, faster and at one speed whatever the size of the ledger: whether each new entry follows an
-- existing one is now told by the look-up that fetches the hash it must name. As a condition of its own, that question was
-- planned while the table was small, as one reading of the whole table, and kept so.
CREATE OR REPLACE FUNCTION ledger.append(
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
    lines text[];
    gap boolean;
BEGIN
    -- An xid taken earlier in the transaction could sort this entry before the one it follows.
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'append must be the first write of its transaction' USING ERRCODE = 'invalid_transaction_state';
    END IF;

    -- The lines, without what is wide: each stream's new entries in order, from the hash of the entry before them.
    SELECT array_agg(new_line ORDER BY ordinal), bool_or(v < 0 OR CASE
            WHEN before IS NULL THEN v > 1 AND head IS NULL
            ELSE before <> v - 1 AND before <> v
        END)
    INTO lines, gap
    FROM (
        SELECT ordinal, v, head, lag(v) OVER entries AS before, chain(
            head,
            '{"at":"' || at || '","c":{'
                || CASE WHEN c_acteur IS NULL THEN '' ELSE '"acteur":"' || encode(c_acteur, 'hex') || '",' END
                || '"fait":"' || encode(c_fait, 'hex') || '"'
                || CASE WHEN c_piece IS NULL THEN '' ELSE ',"pieces":"' || encode(c_piece, 'hex') || '"' END
                || '},"log":"' || origin_ || '","pos":' || v,
            ',"stream":"' || replace(s::text, '-', '') || '","v":1}'
        ) OVER entries AS new_line
        FROM (
            SELECT d.*, (
                SELECT e.leaf_hash FROM entry AS e WHERE e.originator_id = s AND e.originator_version = v - 1
            ) AS head
            FROM unnest(streams, versions, c_faits, c_acteurs, c_pieces)
                WITH ORDINALITY AS d(s, v, c_fait, c_acteur, c_piece, ordinal)
        ) AS asked
        WINDOW entries AS (PARTITION BY s ORDER BY v ROWS UNBOUNDED PRECEDING)
    ) AS chained;
    IF gap THEN
        RAISE EXCEPTION 'a stream would have a gap' USING ERRCODE = 'foreign_key_violation';
    END IF;

    RETURN QUERY
    INSERT INTO entry (
        originator_id, originator_version, topic, state, acteur, pieces, subject, event_id, command_id, recorded_at,
        line, leaf_hash)
    SELECT s, v, topic, state, acteur, pieces, subject, event_id, command_id, moment, new_line, leaf_hash(new_line)
    FROM unnest(streams, versions, topics, subjects, event_ids, command_ids, states, acteurs, pieces_, lines)
        AS d(s, v, topic, subject, event_id, command_id, state, acteur, pieces, new_line)
    RETURNING entry.notification_id, entry.recorded_at, entry.line;
END $$;
