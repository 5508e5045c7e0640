-- The headings and numbers above passages. Existing rows get theirs when they are written again.
ALTER TABLE passages
    ADD COLUMN label_path text[] NOT NULL DEFAULT '{}';
