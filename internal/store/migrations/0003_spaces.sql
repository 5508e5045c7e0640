-- Several embedding spaces a collection: each is written, one is searched.
ALTER TABLE spaces
    -- The configured name of the model server that it was made with.
    ADD COLUMN model_server text NOT NULL DEFAULT 'default',
    -- The vectors of probe texts, one after the other; empty for a space of before.
    ADD COLUMN fingerprint real[] NOT NULL DEFAULT '{}',
    ADD COLUMN activate_time timestamptz;
ALTER TABLE spaces ALTER COLUMN model_server DROP DEFAULT;
UPDATE spaces SET activate_time = create_time WHERE state = 'ACTIVE';

-- Who embeds what a space lacks. A table of its own, since writers of documents
-- lock the rows of spaces.
CREATE TABLE space_builders (
    collection_id text COLLATE "C" NOT NULL,
    space_id      text COLLATE "C" NOT NULL,
    builder       text NOT NULL,
    heartbeat     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collection_id, space_id),
    FOREIGN KEY (collection_id, space_id) REFERENCES spaces ON DELETE CASCADE
);

-- What a space must hold of a document to be up to date with it.
ALTER TABLE documents ADD COLUMN content_hash text NOT NULL DEFAULT '';
UPDATE documents d SET content_hash = i.content_hash
    FROM indexed_documents i JOIN spaces s USING (collection_id, space_id)
    WHERE (i.collection_id, i.document_id) = (d.collection_id, d.document_id) AND s.state = 'ACTIVE';
ALTER TABLE documents ALTER COLUMN content_hash DROP DEFAULT;

ALTER TABLE indexed_documents
    -- False while only some of its window_count windows are there.
    ADD COLUMN complete boolean NOT NULL DEFAULT true,
    -- How many tokens its windows were cut to; 0 where that is of no more use.
    ADD COLUMN window_tokens integer NOT NULL DEFAULT 0;

-- Windows that the model server gives no vector of, for good.
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
