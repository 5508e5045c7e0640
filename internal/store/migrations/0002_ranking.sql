-- Calibrated ranking: sentence windows, generations of centred vectors, terms. Data of the
-- earlier version was cut into other windows, and cannot be converted without the model
-- server.
DO $$ BEGIN
    IF EXISTS (SELECT FROM collections) THEN
        RAISE EXCEPTION 'the database holds collections of a version without sentence windows, which cannot be converted'
            USING HINT = 'migrate an empty database and ingest the files again; `make clean-local` removes a local one';
    END IF;
END $$;

-- The generation of the calibration that searches of the space use. vector_table has the
-- vectors as the model made them.
ALTER TABLE spaces ADD COLUMN generation integer NOT NULL;

ALTER TABLE indexed_documents ADD COLUMN window_count integer NOT NULL;

-- A generation of what makes similarities comparable across languages. One with a higher
-- number than its space's generation is being built, and one with a lower number is kept
-- for searches that began with it. centred_table has the space's vectors minus the means.
CREATE TABLE calibrations (
    collection_id text COLLATE "C" NOT NULL,
    space_id      text COLLATE "C" NOT NULL,
    generation    integer NOT NULL,
    centred_table text NOT NULL UNIQUE,
    -- Languages whose vectors in centred_table have an index.
    indexed       text[] NOT NULL DEFAULT '{}',
    -- The builder's last heartbeat, and when the next generation took over.
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

-- Centred passages of each language, whose similarities to a query are typical.
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

-- The vectors of the background texts as the model made them, so that a generation can be
-- built without the model server. They depend only on the space's id, so collections share
-- them, and they stay when a collection is deleted.
CREATE TABLE background_vectors (
    space_id      text COLLATE "C" NOT NULL,
    language      text COLLATE "C" NOT NULL,
    passage       integer NOT NULL,
    window_number integer NOT NULL,
    role          smallint NOT NULL,
    embedding     vector NOT NULL,
    PRIMARY KEY (space_id, language, passage, window_number)
);

-- The terms of a collection's passages are in tables of the collection: terms_table, a
-- table of counts, and a table of changes to the counts. They belong to the collection and
-- not to a space, since terms do not depend on a model.
ALTER TABLE collections ADD COLUMN terms_table text NOT NULL UNIQUE;

-- The languages (primary subtags) that passages of a collection have or had.
CREATE TABLE term_languages (
    collection_id  text COLLATE "C" NOT NULL REFERENCES collections ON DELETE CASCADE,
    language       text COLLATE "C" NOT NULL,
    -- The length in terms that weights are relative to: about the mean length of the
    -- language's passages.
    average_length float8 NOT NULL,
    -- Whether some weights are still relative to the previous length.
    reweighing     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (collection_id, language)
);
