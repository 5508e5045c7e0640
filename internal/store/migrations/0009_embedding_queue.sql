-- Documents that wait to be embedded for the active space, and documents for which that
-- failed. A document without a row here is embedded.
CREATE TABLE embedding_queue (
    collection_id text COLLATE "C" NOT NULL,
    document_id   text COLLATE "C" NOT NULL,
    enqueue_time  timestamptz NOT NULL DEFAULT now(),
    -- When a worker may claim the document. A claim moves it to the end of the claim, and a
    -- temporary failure to a later time.
    due_time      timestamptz NOT NULL DEFAULT now(),
    -- The current claim, or empty.
    claim         text NOT NULL DEFAULT '',
    -- How often embedding failed although the model server worked.
    failures      integer NOT NULL DEFAULT 0,
    -- Why the document failed permanently; NULL while it waits.
    error         text,
    PRIMARY KEY (collection_id, document_id),
    FOREIGN KEY (collection_id, document_id) REFERENCES documents ON DELETE CASCADE
-- Rows come and go, and a claim has to find the first live ones quickly.
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

CREATE INDEX embedding_queue_waiting ON embedding_queue (collection_id, due_time) WHERE error IS NULL;
CREATE INDEX embedding_queue_failed ON embedding_queue (collection_id, document_id) WHERE error IS NOT NULL;
CREATE INDEX embedding_queue_claims ON embedding_queue (claim) WHERE claim <> '';

-- Documents without any vector in the active space have failed.
INSERT INTO embedding_queue (collection_id, document_id, error)
SELECT f.collection_id, f.document_id, f.first FROM (
    SELECT collection_id, document_id, space_id, count(*) AS n, (array_agg(reason || ': ' || message ORDER BY ordinal, window_number))[1] AS first
    FROM failed_windows GROUP BY collection_id, document_id, space_id) f
JOIN spaces s USING (collection_id, space_id)
JOIN indexed_documents i USING (collection_id, document_id, space_id)
WHERE s.state = 'ACTIVE' AND i.incarnation = s.incarnation AND i.complete AND i.window_count = f.n;
