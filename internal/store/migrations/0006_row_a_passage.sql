-- One row per passage in the tables of centred vectors, with the vectors of its windows, as
-- in centredTableDDL. The rows are made from the old ones, so no generation changes.
-- Indexes are built again in the background.
ALTER TABLE calibrations
    -- Languages whose new rows stay outside of the index until the keeper adds them.
    ADD COLUMN indexing text[] NOT NULL DEFAULT '{}',
    -- Languages (primary subtags) of which centred_table has or had rows.
    ADD COLUMN languages text[] NOT NULL DEFAULT '{}';

DO $$
DECLARE
    generation record;
BEGIN
    FOR generation IN
        SELECT c.centred_table AS name, s.dimensions FROM calibrations c JOIN spaces s USING (collection_id, space_id)
        WHERE to_regclass(quote_ident(c.centred_table)) IS NOT NULL
    LOOP
        EXECUTE format('ALTER TABLE %I RENAME TO centred_before', generation.name);
        -- Names of the indexes are to be free.
        EXECUTE format('ALTER TABLE centred_before DROP CONSTRAINT IF EXISTS %I', generation.name || '_pkey');
        EXECUTE format($ddl$CREATE TABLE %I (
            document_id   text COLLATE "C" NOT NULL,
            ordinal       integer NOT NULL,
            kind          smallint NOT NULL,
            fresh         boolean NOT NULL,
            language      text COLLATE "C" NOT NULL,
            language_code text NOT NULL,
            publish_time  timestamptz,
            source        text NOT NULL,
            centred       halfvec(%s) NOT NULL,
            pieces        halfvec[],
            sentences     halfvec[],
            PRIMARY KEY (document_id, ordinal)) WITH (toast_tuple_target = 8160)$ddl$, generation.name, generation.dimensions);
        EXECUTE format($ddl$ALTER TABLE %I ALTER COLUMN pieces SET STORAGE EXTERNAL, ALTER COLUMN sentences SET STORAGE EXTERNAL,
            ALTER COLUMN centred SET STATISTICS 0, ALTER COLUMN pieces SET STATISTICS 0, ALTER COLUMN sentences SET STATISTICS 0$ddl$, generation.name);
        IF 2 * generation.dimensions <= 7000 THEN
            EXECUTE format('ALTER TABLE %I ALTER COLUMN centred SET STORAGE PLAIN', generation.name);
        END IF;
        EXECUTE format($fill$INSERT INTO %I (document_id, ordinal, kind, fresh, language, language_code, publish_time, source, centred, pieces, sentences)
            SELECT document_id, ordinal, kind, false, language, language_code, publish_time, source,
                CASE WHEN cardinality(wholes) = 1 THEN wholes[1] ELSE mean END,
                CASE WHEN cardinality(wholes) = 1 THEN NULL ELSE coalesce(wholes, '{}') END, sentences
            FROM (SELECT document_id, ordinal, kind, language, language_code, publish_time, source,
                    array_agg(centred::halfvec ORDER BY window_number) FILTER (WHERE role = 0) AS wholes,
                    array_agg(centred::halfvec ORDER BY window_number) FILTER (WHERE role = 1) AS sentences,
                    l2_normalize(coalesce(avg(centred::vector) FILTER (WHERE role = 0), avg(centred::vector)))::halfvec AS mean
                FROM centred_before
                GROUP BY document_id, ordinal, kind, language, language_code, publish_time, source) passages$fill$, generation.name);
        DROP TABLE centred_before;
        EXECUTE format('CREATE INDEX ON %I (language, kind, publish_time)', generation.name);
        EXECUTE format('CREATE INDEX ON %I (source)', generation.name);
        EXECUTE format('CREATE INDEX ON %I (language) WHERE fresh', generation.name);
        EXECUTE format('ANALYZE %I', generation.name);
        EXECUTE format('UPDATE calibrations SET languages = ARRAY(SELECT DISTINCT language FROM %I ORDER BY 1) WHERE centred_table = $1', generation.name)
            USING generation.name;
    END LOOP;
END $$;

UPDATE calibrations SET indexed = '{}';
