-- Every key of documents and of tables below them has document_id, so that the tables can
-- be distributed by it with co-located joins. Collections and spaces are small and would be
-- reference tables. Ids sort by bytes, as page tokens need.
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE collections (
    collection_id text COLLATE "C" PRIMARY KEY,
    create_time   timestamptz NOT NULL DEFAULT now()
);

-- An embedding space: the profile of a model, and how passages were cut into windows for
-- it. Its vectors are in a separate table, vector_table, which is created with the space,
-- so that deleting a space leaves no dead rows.
CREATE SEQUENCE vector_tables;

CREATE TABLE spaces (
    collection_id text COLLATE "C" NOT NULL REFERENCES collections ON DELETE CASCADE,
    space_id      text COLLATE "C" NOT NULL,
    state         text NOT NULL CHECK (state IN ('BUILDING', 'READY', 'ACTIVE', 'RETIRED')),
    model         text NOT NULL,
    dimensions    integer NOT NULL,
    -- space.WindowingVersion when it was made.
    windowing     integer NOT NULL,
    profile       jsonb NOT NULL,
    vector_table  text NOT NULL UNIQUE,
    create_time   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collection_id, space_id)
);

CREATE UNIQUE INDEX spaces_active ON spaces (collection_id) WHERE state = 'ACTIVE';

CREATE TABLE documents (
    collection_id     text COLLATE "C" NOT NULL REFERENCES collections ON DELETE CASCADE,
    document_id       text COLLATE "C" NOT NULL,
    title             text NOT NULL,
    language_code     text NOT NULL,
    publish_time      timestamptz,
    publish_precision smallint NOT NULL,
    source            text NOT NULL,
    uri               text NOT NULL,
    text              text NOT NULL,
    text_digest       text NOT NULL,
    -- Typed ranges that the writer gave: [{"kind", "start", "end", "start_byte",
    -- "end_byte"}].
    blocks            jsonb NOT NULL,
    metadata          jsonb NOT NULL,
    etag              text NOT NULL,
    passage_count     integer NOT NULL,
    create_time       timestamptz NOT NULL DEFAULT now(),
    update_time       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collection_id, document_id)
);

CREATE INDEX documents_metadata ON documents USING gin (metadata jsonb_path_ops);

-- The text is that of the document, cut at the range. It is stored here as well, since
-- cutting it from a long document for every hit would read the whole document.
CREATE TABLE passages (
    collection_id text COLLATE "C" NOT NULL,
    document_id   text COLLATE "C" NOT NULL,
    ordinal       integer NOT NULL,
    kind          smallint NOT NULL,
    label         text NOT NULL,
    language_code text NOT NULL,
    text          text NOT NULL,
    start_point   integer NOT NULL,
    end_point     integer NOT NULL,
    start_byte    integer NOT NULL,
    end_byte      integer NOT NULL,
    PRIMARY KEY (collection_id, document_id, ordinal),
    FOREIGN KEY (collection_id, document_id) REFERENCES documents ON DELETE CASCADE
);

-- What a space has of a document. It is written in the transaction that writes the vectors,
-- so equal hashes mean that nothing is left to embed.
CREATE TABLE indexed_documents (
    collection_id text COLLATE "C" NOT NULL,
    document_id   text COLLATE "C" NOT NULL,
    space_id      text COLLATE "C" NOT NULL,
    content_hash  text NOT NULL,
    PRIMARY KEY (collection_id, document_id, space_id),
    FOREIGN KEY (collection_id, document_id) REFERENCES documents ON DELETE CASCADE,
    FOREIGN KEY (collection_id, space_id) REFERENCES spaces ON DELETE CASCADE
);
