-- Subjects that are no person: an incident declared for all, an audit without a dossier. A reference is sealed, so that
-- nothing else tells them from persons; what happened to nobody in particular is to be found for everybody it reached.
CREATE TABLE ledger.shared_subject (
    subject uuid PRIMARY KEY,
    flux text NOT NULL                                            -- of which kind of stream it is the subject
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.shared_subject
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.shared_subject ENABLE ALWAYS TRIGGER append_only;
GRANT SELECT, INSERT ON ledger.shared_subject TO :app;
