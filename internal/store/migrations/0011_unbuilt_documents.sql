-- Documents that spaces other than the active one lack since they were written or since
-- their embedding began. With this table the builder need not compare all documents each
-- time. A space in state BUILDING may also lack documents that are older than the space.
CREATE TABLE unbuilt_documents (
    collection_id text COLLATE "C" NOT NULL,
    document_id   text COLLATE "C" NOT NULL,
    vector_table  text NOT NULL, -- of the space
    PRIMARY KEY (collection_id, document_id, vector_table),
    FOREIGN KEY (collection_id, document_id) REFERENCES documents ON DELETE CASCADE
-- Rows come and go.
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);

CREATE UNIQUE INDEX ON unbuilt_documents (vector_table, document_id);

-- Triggers make the notes, so that they are right whoever writes, including servers of an
-- earlier version. A writer has locked the spaces, so their states are current. It removes
-- the notes of spaces for which it writes vectors.
CREATE FUNCTION note_unbuilt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO unbuilt_documents SELECT d.collection_id, d.document_id, s.vector_table
            FROM added d JOIN spaces s USING (collection_id) WHERE s.state <> 'ACTIVE'
            ORDER BY d.document_id, s.vector_table ON CONFLICT DO NOTHING;
    ELSE
        INSERT INTO unbuilt_documents SELECT d.collection_id, d.document_id, s.vector_table
            FROM added d JOIN removed r USING (collection_id, document_id) JOIN spaces s USING (collection_id)
            WHERE s.state <> 'ACTIVE' AND d.content_hash <> r.content_hash
            ORDER BY d.document_id, s.vector_table ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER unbuilt_added AFTER INSERT ON documents
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_unbuilt();
CREATE TRIGGER unbuilt_changed AFTER UPDATE ON documents
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_unbuilt();

-- Documents that the active space lacks are in the queue. When the space retires, the queue
-- is emptied and they are noted here.
CREATE FUNCTION note_unbuilt_queue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO unbuilt_documents SELECT q.collection_id, q.document_id, NEW.vector_table
        FROM embedding_queue q WHERE q.collection_id = NEW.collection_id ORDER BY q.document_id ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER unbuilt_retired AFTER UPDATE OF state ON spaces
    FOR EACH ROW WHEN (OLD.state = 'ACTIVE' AND NEW.state <> 'ACTIVE') EXECUTE FUNCTION note_unbuilt_queue();

INSERT INTO unbuilt_documents
SELECT d.collection_id, d.document_id, s.vector_table
FROM spaces s JOIN collections o USING (collection_id) JOIN documents d ON (d.collection_id, d.incarnation) = (o.collection_id, o.incarnation)
WHERE s.state NOT IN ('ACTIVE', 'BUILDING') AND NOT EXISTS (SELECT FROM indexed_documents i
    WHERE (i.collection_id, i.document_id, i.space_id, i.content_hash) = (d.collection_id, d.document_id, s.space_id, d.content_hash)
        AND i.incarnation = s.incarnation AND i.complete);
