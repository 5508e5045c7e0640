-- Documents that are stored and wait to be embedded for the space that is searched,
-- and those of which that failed. A document without a row here is embedded.
CREATE TABLE embedding_queue (
    collection_id text COLLATE "C" NOT NULL,
    document_id   text COLLATE "C" NOT NULL,
    enqueue_time  timestamptz NOT NULL DEFAULT now(),
    -- When a worker may take it: a claim puts that off to its own end, and so
    -- does a failure that may pass.
    due_time      timestamptz NOT NULL DEFAULT now(),
    -- The claim that holds it; empty if none does.
    claim         text NOT NULL DEFAULT '',
    -- How often it failed beside a model server that was well.
    failures      integer NOT NULL DEFAULT 0,
    -- Why it failed for good; NULL while it waits.
    error         text,
    PRIMARY KEY (collection_id, document_id),
    FOREIGN KEY (collection_id, document_id) REFERENCES documents ON DELETE CASCADE
-- Rows come and go, and a claim looks for the first that are alive.
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

CREATE INDEX embedding_queue_waiting ON embedding_queue (collection_id, due_time) WHERE error IS NULL;
CREATE INDEX embedding_queue_failed ON embedding_queue (collection_id, document_id) WHERE error IS NOT NULL;
CREATE INDEX embedding_queue_claims ON embedding_queue (claim) WHERE claim <> '';

-- Documents of which the space that is searched has no vector at all have failed.
INSERT INTO embedding_queue (collection_id, document_id, error)
SELECT f.collection_id, f.document_id, f.first FROM (
    SELECT collection_id, document_id, space_id, count(*) AS n, (array_agg(reason || ': ' || message ORDER BY ordinal, window_number))[1] AS first
    FROM failed_windows GROUP BY collection_id, document_id, space_id) f
JOIN spaces s USING (collection_id, space_id)
JOIN indexed_documents i USING (collection_id, document_id, space_id)
WHERE s.state = 'ACTIVE' AND i.incarnation = s.incarnation AND i.complete AND i.window_count = f.n;
