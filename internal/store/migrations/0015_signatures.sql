-- Signatures of passages, beside their centred vectors: the version of the collection's terms in
-- 16 bits, and a bit for each term, as in queueCentre. A search reads the terms of passages only
-- if their signatures may be those of copies. The column is null for existing rows. The keeper
-- builds a new generation with signatures in the background.
ALTER TABLE calibrations
    -- The version of the collection's terms when the generation began; 0 without signatures.
    ADD COLUMN signature_version integer NOT NULL DEFAULT 0;

DO $$
DECLARE
    generation record;
BEGIN
    FOR generation IN SELECT centred_table FROM calibrations WHERE to_regclass(quote_ident(centred_table)) IS NOT NULL LOOP
        EXECUTE format('ALTER TABLE %I ADD COLUMN signature varbit', generation.centred_table);
    END LOOP;
END $$;
