-- Calibrated ranking: sentence windows, generations of centred vectors, terms.
-- What stands in a database from before was cut into other windows, and cannot
-- be turned into these without the model server.
DO $$ BEGIN
    IF EXISTS (SELECT FROM collections) THEN
        RAISE EXCEPTION 'the database holds collections of a version without sentence windows, which cannot be converted'
            USING HINT = 'migrate an empty database and ingest the files again; `make clean-local` removes a local one';
    END IF;
END $$;

-- The calibration that a space is searched with. Its vector_table holds vectors
-- as the model gave them.
ALTER TABLE spaces ADD COLUMN generation integer NOT NULL;

ALTER TABLE indexed_documents ADD COLUMN window_count integer NOT NULL;

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

-- The terms of a collection's passages stand in tables of its own, made with
-- it: terms_table, and beside it one of counts and one of changes to them. They
-- belong to the collection, not to a space: no model has a part in them.
ALTER TABLE collections ADD COLUMN terms_table text NOT NULL UNIQUE;

-- The languages, by primary subtag, that a collection has passages in, or had.
CREATE TABLE term_languages (
    collection_id  text COLLATE "C" NOT NULL REFERENCES collections ON DELETE CASCADE,
    language       text COLLATE "C" NOT NULL,
    -- The length, in terms, against which weights are held: near the mean of the
    -- language's passages.
    average_length float8 NOT NULL,
    -- Some weights are still held against the length of before.
    reweighing     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (collection_id, language)
);
