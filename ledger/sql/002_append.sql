-- The same door as in 001, faster, and at one speed whatever the size of the ledger. Where a stream ends is looked up here,
-- once, with the hash that the next line must name: nobody has to ask first. (As a condition of its own, whether an entry
-- follows another was planned while the table was small, as one reading of the whole table, and kept so.)
DROP FUNCTION ledger.append;

-- The only way in. One statement, one commit, no lock: the primary key refuses a lost race, event_id a repeat.
-- A version that is NULL is the next one of its stream; the entries of one stream come in their order.
-- SECURITY DEFINER: the application role may call it and may not insert by itself, so time, order and chain are ours.
CREATE FUNCTION ledger.append(
    versions bigint[], streams uuid[], topics text[], subjects uuid[], event_ids uuid[], command_ids uuid[],
    c_faits bytea[], c_acteurs bytea[], c_pieces bytea[], states bytea[], acteurs bytea[], pieces_ bytea[]
) RETURNS TABLE (notification_id bigint, originator_version bigint, recorded_at timestamptz, line text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp
-- Planned once: plans made for each call's arrays cost more than the writing itself.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    at text := to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    origin_ text := (SELECT origin FROM log);
    places bigint[];
    lines text[];
    gap boolean;
BEGIN
    -- An xid taken earlier in the transaction could sort this entry before the one it follows.
    IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'append must be the first write of its transaction' USING ERRCODE = 'invalid_transaction_state';
    END IF;

    -- The lines, without what is wide: each stream's new entries in order, from the hash of the entry before them.
    SELECT array_agg(v ORDER BY ordinal), array_agg(new_line ORDER BY ordinal), bool_or(v < 0 OR CASE
            WHEN before IS NULL THEN v > 1 AND head IS NULL
            ELSE before <> v - 1 AND before <> v
        END)
    INTO places, lines, gap
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
            SELECT ordinal, s, c_fait, c_acteur, c_piece, last.leaf_hash AS head,
                coalesce(asked, coalesce(last.originator_version, 0) + row_number() OVER (
                    PARTITION BY s ORDER BY ordinal)) AS v
            FROM unnest(streams, versions, c_faits, c_acteurs, c_pieces)
                WITH ORDINALITY AS d(s, asked, c_fait, c_acteur, c_piece, ordinal)
            LEFT JOIN LATERAL (
                SELECT e.originator_version, e.leaf_hash FROM entry AS e
                WHERE e.originator_id = s AND (asked IS NULL OR e.originator_version = asked - 1)
                ORDER BY e.originator_version DESC LIMIT 1
            ) AS last ON true
        ) AS placed
        WINDOW entries AS (PARTITION BY s ORDER BY ordinal ROWS UNBOUNDED PRECEDING)
    ) AS chained;
    IF gap THEN
        RAISE EXCEPTION 'a stream would have a gap' USING ERRCODE = 'foreign_key_violation';
    END IF;

    RETURN QUERY
    INSERT INTO entry (
        originator_id, originator_version, topic, state, acteur, pieces, subject, event_id, command_id, recorded_at,
        line, leaf_hash)
    SELECT s, v, topic, state, acteur, pieces, subject, event_id, command_id, moment, new_line, leaf_hash(new_line)
    FROM unnest(streams, places, topics, subjects, event_ids, command_ids, states, acteurs, pieces_, lines)
        AS d(s, v, topic, subject, event_id, command_id, state, acteur, pieces, new_line)
    RETURNING entry.notification_id, entry.originator_version, entry.recorded_at, entry.line;
END $$;

-- As before: nobody but the application may call it.
REVOKE ALL ON FUNCTION ledger.append FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append TO :app;
