-- The version of the rules (lexical.Version) with which a collection's terms were
-- extracted. Terms of an older version are extracted again in the background.
ALTER TABLE collections ADD COLUMN terms_version integer NOT NULL DEFAULT 1;
ALTER TABLE collections ALTER COLUMN terms_version DROP DEFAULT;
