-- Deleted data is gone at once for readers. Its rows and tables are removed in the
-- background, a few at a time, by any server.
CREATE TABLE removals (
    removal       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- A table to drop; or, if it is NULL, the rows of a collection's documents to
    -- delete, or with a space what they have in it.
    table_name    text,
    collection_id text COLLATE "C",
    space_id      text COLLATE "C",
    incarnation   bigint
);

-- A number that separates a collection, or a space, from an earlier one of the same name
-- whose rows have not been removed yet; 0 if there was none. Rows whose incarnation is not
-- their owner's are ignored, and a writer that needs their place removes them.
ALTER TABLE collections ADD COLUMN incarnation bigint NOT NULL DEFAULT 0;
ALTER TABLE spaces ADD COLUMN incarnation bigint NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN incarnation bigint NOT NULL DEFAULT 0;
ALTER TABLE indexed_documents ADD COLUMN incarnation bigint NOT NULL DEFAULT 0;

-- Rows of documents may outlive their collection and their spaces.
ALTER TABLE documents DROP CONSTRAINT documents_collection_id_fkey;
ALTER TABLE indexed_documents DROP CONSTRAINT indexed_documents_collection_id_space_id_fkey;

-- When a collection, a space or a calibration is deleted, directly or with its owner, a
-- trigger notes in the same transaction what is to be removed.
CREATE FUNCTION note_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_TABLE_NAME
    WHEN 'collections' THEN
        INSERT INTO removals (table_name) SELECT OLD.terms_table || suffix FROM unnest(ARRAY['', '_counts', '_changes']) suffix;
        INSERT INTO removals (collection_id, incarnation) VALUES (OLD.collection_id, OLD.incarnation);
    WHEN 'spaces' THEN
        INSERT INTO removals (table_name) VALUES (OLD.vector_table);
        INSERT INTO removals (collection_id, space_id, incarnation) VALUES (OLD.collection_id, OLD.space_id, OLD.incarnation);
    WHEN 'calibrations' THEN
        INSERT INTO removals (table_name) VALUES (OLD.centred_table);
    END CASE;
    RETURN NULL;
END $$;

CREATE TRIGGER note_removal AFTER DELETE ON collections FOR EACH ROW EXECUTE FUNCTION note_removal();
CREATE TRIGGER note_removal AFTER DELETE ON spaces FOR EACH ROW EXECUTE FUNCTION note_removal();
CREATE TRIGGER note_removal AFTER DELETE ON calibrations FOR EACH ROW EXECUTE FUNCTION note_removal();
