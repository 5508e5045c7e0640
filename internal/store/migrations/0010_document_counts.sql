-- The numbers of documents and passages of collections. A statement that changes documents
-- appends the difference in the same transaction, so that writers do not wait for each
-- other. From time to time the rows are replaced by their sum. The total is the sum of an
-- incarnation's rows.
CREATE TABLE document_counts (
    change        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    collection_id text COLLATE "C" NOT NULL,
    incarnation   bigint NOT NULL,
    documents     bigint NOT NULL,
    passages      bigint NOT NULL
);

CREATE INDEX ON document_counts (collection_id, incarnation) INCLUDE (documents, passages);

-- A trigger counts, so that the numbers are right whoever writes, including servers of an
-- earlier version.
CREATE FUNCTION count_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        INSERT INTO document_counts (collection_id, incarnation, documents, passages)
            SELECT collection_id, incarnation, count(*), sum(passage_count) FROM added GROUP BY collection_id, incarnation;
    WHEN 'DELETE' THEN
        INSERT INTO document_counts (collection_id, incarnation, documents, passages)
            SELECT collection_id, incarnation, -count(*), -sum(passage_count) FROM removed GROUP BY collection_id, incarnation;
    WHEN 'UPDATE' THEN
        INSERT INTO document_counts (collection_id, incarnation, documents, passages)
            SELECT collection_id, incarnation, sum(documents), sum(passages) FROM (
                SELECT collection_id, incarnation, 1 AS documents, passage_count AS passages FROM added
                UNION ALL SELECT collection_id, incarnation, -1, -passage_count FROM removed) changed
            GROUP BY collection_id, incarnation HAVING sum(documents) <> 0 OR sum(passages) <> 0;
    END CASE;
    RETURN NULL;
END $$;

-- These statements exclude writers until the migration ends, so that existing rows are
-- counted exactly once.
CREATE TRIGGER count_added AFTER INSERT ON documents
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_documents();
CREATE TRIGGER count_removed AFTER DELETE ON documents
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_documents();
CREATE TRIGGER count_changed AFTER UPDATE ON documents
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_documents();

INSERT INTO document_counts (collection_id, incarnation, documents, passages)
    SELECT collection_id, incarnation, count(*), sum(passage_count) FROM documents GROUP BY collection_id, incarnation;
