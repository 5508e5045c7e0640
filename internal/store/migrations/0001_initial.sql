-- Every key of documents and below carries document_id, so that the tables can
-- be distributed by it with co-located joins; collections and spaces are small
-- and would be reference tables. Ids sort by bytes, as page tokens need.
CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE collections (
    collection_id text COLLATE "C" PRIMARY KEY,
    create_time   timestamptz NOT NULL DEFAULT now()
);

-- An embedding space: the profile of a model and how passages were cut into
-- windows for it. Its vectors, as the model gave them, stand in a table of their
-- own, vector_table, made with the space, so that a space can be dropped without
-- dead rows. generation is the calibration that is searched.
CREATE SEQUENCE vector_tables;

CREATE TABLE spaces (
    collection_id text COLLATE "C" NOT NULL REFERENCES collections ON DELETE CASCADE,
    space_id      text COLLATE "C" NOT NULL,
    state         text NOT NULL CHECK (state IN ('BUILDING', 'READY', 'ACTIVE', 'RETIRED')),
    model         text NOT NULL,
    dimensions    integer NOT NULL,
    windowing     smallint NOT NULL,
    profile       jsonb NOT NULL,
    vector_table  text NOT NULL UNIQUE,
    generation    integer NOT NULL,
    create_time   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collection_id, space_id)
);

CREATE UNIQUE INDEX spaces_active ON spaces (collection_id) WHERE state = 'ACTIVE';

-- A generation of what makes similarities comparable across languages. One
-- above its space's generation is being built, one below is left for searches
-- that began with it. centred_table holds the space's vectors less the means.
CREATE TABLE calibrations (
    collection_id text COLLATE "C" NOT NULL,
    space_id      text COLLATE "C" NOT NULL,
    generation    integer NOT NULL,
    centred_table text NOT NULL UNIQUE,
    -- Languages whose vectors in centred_table have an index.
    indexed       text[] NOT NULL DEFAULT '{}',
    -- When the builder last gave a sign of life, and when the next generation took over.
    heartbeat     timestamptz NOT NULL DEFAULT now(),
    retire_time   timestamptz,
    create_time   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collection_id, space_id, generation),
    FOREIGN KEY (collection_id, space_id) REFERENCES spaces ON DELETE CASCADE
);

CREATE TABLE calibration_languages (
    collection_id text COLLATE "C" NOT NULL,
    space_id      text COLLATE "C" NOT NULL,
    generation    integer NOT NULL,
    language      text COLLATE "C" NOT NULL,
    passages      integer NOT NULL,
    mean          vector NOT NULL,
    PRIMARY KEY (collection_id, space_id, generation, language),
    FOREIGN KEY (collection_id, space_id, generation) REFERENCES calibrations ON DELETE CASCADE
);

-- Passages of each language, centred, whose similarities to a query are the
-- usual ones.
CREATE TABLE calibration_samples (
    collection_id text COLLATE "C" NOT NULL,
    space_id      text COLLATE "C" NOT NULL,
    generation    integer NOT NULL,
    language      text COLLATE "C" NOT NULL,
    passage       integer NOT NULL,
    window_number integer NOT NULL,
    role          smallint NOT NULL,
    centred       vector NOT NULL,
    PRIMARY KEY (collection_id, space_id, generation, language, passage, window_number),
    FOREIGN KEY (collection_id, space_id, generation, language) REFERENCES calibration_languages ON DELETE CASCADE
);

-- The vectors of the background texts, as the model gave them, so that a
-- generation can be built without the model server. A space's id says all that
-- they depend on, so that collections share them, and they outlive each.
CREATE TABLE background_vectors (
    space_id      text COLLATE "C" NOT NULL,
    language      text COLLATE "C" NOT NULL,
    passage       integer NOT NULL,
    window_number integer NOT NULL,
    role          smallint NOT NULL,
    embedding     vector NOT NULL,
    PRIMARY KEY (space_id, language, passage, window_number)
);

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
    -- Typed ranges that the writer gave: [{"kind", "start", "end", "start_byte", "end_byte"}].
    blocks            jsonb NOT NULL,
    metadata          jsonb NOT NULL,
    etag              text NOT NULL,
    passage_count     integer NOT NULL,
    create_time       timestamptz NOT NULL DEFAULT now(),
    update_time       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (collection_id, document_id)
);

CREATE INDEX documents_metadata ON documents USING gin (metadata jsonb_path_ops);

-- The text is the document's, cut at the range; it is kept here as well, since
-- cutting it from a long document for every hit costs a read of the whole.
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

-- What of a document a space holds: written in the transaction that writes the
-- vectors, so that equal hashes mean that nothing is left to embed.
CREATE TABLE indexed_documents (
    collection_id text COLLATE "C" NOT NULL,
    document_id   text COLLATE "C" NOT NULL,
    space_id      text COLLATE "C" NOT NULL,
    content_hash  text NOT NULL,
    window_count  integer NOT NULL,
    PRIMARY KEY (collection_id, document_id, space_id),
    FOREIGN KEY (collection_id, document_id) REFERENCES documents ON DELETE CASCADE,
    FOREIGN KEY (collection_id, space_id) REFERENCES spaces ON DELETE CASCADE
);
