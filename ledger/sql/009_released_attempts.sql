-- A claim of an attempt may be wrong: a fact says so, and the attempt may be claimed again. Nothing is removed. What was said of an
-- attempt stands in turn: at odd turns the fact that claims it (`claim`), at even ones the fact that gives it back.
ALTER TABLE ledger.claimed_attempt
    ADD COLUMN turn integer NOT NULL DEFAULT 1 CHECK (turn > 0),
    DROP CONSTRAINT claimed_attempt_pkey,
    ADD PRIMARY KEY (attempt, turn);

DROP FUNCTION ledger.claim_attempt;

-- Keeps what is said of an attempt at this turn, or finds what came first; returns what stands. No turn is left out.
CREATE FUNCTION ledger.keep_turn(attempt_ uuid, turn_ integer, fact uuid) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM entry AS e JOIN shared_subject AS s USING (subject) WHERE e.event_id = attempt_) THEN
        RAISE EXCEPTION 'there is no such attempt of nobody' USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF turn_ > 1 AND NOT EXISTS (SELECT FROM claimed_attempt AS c WHERE c.attempt = attempt_ AND c.turn = turn_ - 1) THEN
        RAISE EXCEPTION 'it is not the turn of that' USING ERRCODE = 'check_violation';
    END IF;
    INSERT INTO claimed_attempt (attempt, turn, claim) VALUES (attempt_, turn_, fact) ON CONFLICT DO NOTHING;
    RETURN (SELECT c.claim FROM claimed_attempt AS c WHERE c.attempt = attempt_ AND c.turn = turn_);
END $$;

-- Least privilege, as before.
REVOKE ALL ON FUNCTION ledger.keep_turn FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.keep_turn TO :app;
