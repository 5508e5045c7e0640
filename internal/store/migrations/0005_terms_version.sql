-- Which way of reading terms a collection's terms come from, lexical.Version.
-- Terms of an older one are read anew in the background.
ALTER TABLE collections ADD COLUMN terms_version integer NOT NULL DEFAULT 1;
ALTER TABLE collections ALTER COLUMN terms_version DROP DEFAULT;
