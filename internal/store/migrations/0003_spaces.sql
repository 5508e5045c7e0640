-- Several embedding spaces per collection: all are written, and one is searched.
ALTER TABLE spaces
    -- The configured name of the model server that the space was made with.
    ADD COLUMN model_server text NOT NULL DEFAULT 'default',
    -- The vectors of probe texts, one after the other; empty for spaces from before.
    ADD COLUMN fingerprint real[] NOT NULL DEFAULT '{}',
    ADD COLUMN activate_time timestamptz;
ALTER TABLE spaces ALTER COLUMN model_server DROP DEFAULT;
UPDATE spaces SET activate_time = create_time WHERE state = 'ACTIVE';

-- The builder that embeds what a space lacks. It is a separate table, since writers of
-- documents lock the rows of spaces.
CREATE TABLE space_builders (
    collection_id text COLLATE "C" NOT NULL,
    space_id      text COLLATE "C" NOT NULL,
    builder       text NOT NULL,
    heartbeat     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collection_id, space_id),
    FOREIGN KEY (collection_id, space_id) REFERENCES spaces ON DELETE CASCADE
);

-- The hash of the content that a space must have to be up to date.
ALTER TABLE documents ADD COLUMN content_hash text NOT NULL DEFAULT '';
UPDATE documents d SET content_hash = i.content_hash
    FROM indexed_documents i JOIN spaces s USING (collection_id, space_id)
    WHERE (i.collection_id, i.document_id) = (d.collection_id, d.document_id) AND s.state = 'ACTIVE';
ALTER TABLE documents ALTER COLUMN content_hash DROP DEFAULT;

ALTER TABLE indexed_documents
    -- False while only some of the document's window_count windows are stored.
    ADD COLUMN complete boolean NOT NULL DEFAULT true,
    -- The token limit with which its windows were cut; 0 if that no longer matters.
    ADD COLUMN window_tokens integer NOT NULL DEFAULT 0;

-- Windows for which the model server will never make a vector.
CREATE TABLE failed_windows (
    collection_id text COLLATE "C" NOT NULL,
    document_id   text COLLATE "C" NOT NULL,
    space_id      text COLLATE "C" NOT NULL,
    ordinal       integer NOT NULL,
    window_number integer NOT NULL,
    start_point   integer NOT NULL,
    end_point     integer NOT NULL,
    start_byte    integer NOT NULL,
    end_byte      integer NOT NULL,
    reason        text NOT NULL,
    message       text NOT NULL,
    PRIMARY KEY (collection_id, document_id, space_id, ordinal, window_number),
    FOREIGN KEY (collection_id, document_id, space_id) REFERENCES indexed_documents ON DELETE CASCADE
);
