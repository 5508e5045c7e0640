-- The headings and numbers above passages, the outermost first; null if there are none. Existing
-- rows get theirs when they are written again.
ALTER TABLE passages ADD COLUMN label_path text[];
