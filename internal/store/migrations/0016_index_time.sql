-- When a space got its vectors of a document. It is null for existing rows: they count as
-- older than the current generation of the space. The keeper counts the passages that were
-- written since then.
ALTER TABLE indexed_documents ADD COLUMN index_time timestamptz;
ALTER TABLE indexed_documents ALTER COLUMN index_time SET DEFAULT clock_timestamp();
