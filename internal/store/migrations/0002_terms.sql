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
