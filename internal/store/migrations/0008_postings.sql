-- Postings: for each term the passages that contain it, with its weight, in blocks. A
-- search without a filter reads these instead of the rows of all these passages. Passages
-- are numbered in the order in which their terms were written. The keeper packs the
-- passages of a language, one range of numbers at a time, into segments.

-- add_postings adds numbers to a table of terms, and creates the posting tables beside it.
-- It is called for each new collection, and later for collections that an older server
-- created.
CREATE FUNCTION add_postings(terms_table text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY', terms_table);
    EXECUTE format('CREATE INDEX ON %I (language, number) WHERE kind IN (1, 2)', terms_table);
    -- The numbers of a segment's passages lie from first to last, and those of no
    -- other segment of its language do.
    EXECUTE format($ddl$CREATE TABLE %I (
        segment  integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        language text COLLATE "C" NOT NULL,
        first    bigint NOT NULL,
        last     bigint NOT NULL,
        passages integer NOT NULL)$ddl$, terms_table || '_segments');
    EXECUTE format('CREATE INDEX ON %I (language, last)', terms_table || '_segments');
    EXECUTE format($ddl$CREATE TABLE %I (
        segment  integer NOT NULL,
        term     integer NOT NULL,
        block    integer NOT NULL,
        postings bytea NOT NULL,
        PRIMARY KEY (segment, term, block))$ddl$, terms_table || '_postings');
    EXECUTE format('ALTER TABLE %I ALTER COLUMN postings SET STORAGE PLAIN', terms_table || '_postings');
END $$;

DO $$
DECLARE
    collection record;
BEGIN
    FOR collection IN SELECT terms_table FROM collections WHERE to_regclass(quote_ident(terms_table)) IS NOT NULL LOOP
        PERFORM add_postings(collection.terms_table);
    END LOOP;
END $$;

-- Whether a language has or had segments.
ALTER TABLE term_languages ADD COLUMN packed boolean NOT NULL DEFAULT false;

CREATE OR REPLACE FUNCTION note_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_TABLE_NAME
    WHEN 'collections' THEN
        INSERT INTO removals (table_name)
            SELECT OLD.terms_table || suffix FROM unnest(ARRAY['', '_counts', '_changes', '_segments', '_postings']) suffix;
        INSERT INTO removals (collection_id, incarnation) VALUES (OLD.collection_id, OLD.incarnation);
    WHEN 'spaces' THEN
        INSERT INTO removals (table_name) VALUES (OLD.vector_table);
        INSERT INTO removals (collection_id, space_id, incarnation) VALUES (OLD.collection_id, OLD.space_id, OLD.incarnation);
    WHEN 'calibrations' THEN
        INSERT INTO removals (table_name) VALUES (OLD.centred_table);
    END CASE;
    RETURN NULL;
END $$;
