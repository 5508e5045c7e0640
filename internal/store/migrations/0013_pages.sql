-- Pages of documents whose source has some, such as PDF.
ALTER TABLE documents
    -- The code points of the text at which pages begin, page 1 first; [] without pages.
    ADD COLUMN page_starts jsonb NOT NULL DEFAULT '[]';

ALTER TABLE passages
    -- The pages of the first and the last character, from 1; 0 without pages.
    ADD COLUMN page     integer NOT NULL DEFAULT 0,
    ADD COLUMN page_end integer NOT NULL DEFAULT 0;
