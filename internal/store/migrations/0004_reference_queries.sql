-- The vectors of reference queries as the model made them, so that a generation can be
-- built without the model server. Spaces with the same id share them, as they share
-- background_vectors.
CREATE TABLE reference_queries (
    space_id  text COLLATE "C" NOT NULL,
    language  text COLLATE "C" NOT NULL,
    -- 0: a few words; 1: a whole question.
    form      smallint NOT NULL,
    number    integer NOT NULL,
    embedding vector NOT NULL,
    PRIMARY KEY (space_id, language, form, number)
);

-- Statistics of the reference queries of a language in a generation: the mean vector of
-- each form, and the mean and standard deviation of the similarity of the nearest passage
-- to each query. NULL until the queries are embedded.
ALTER TABLE calibration_languages
    ADD COLUMN short_query_mean vector,
    ADD COLUMN question_mean    vector,
    ADD COLUMN null_mean        float8,
    ADD COLUMN null_deviation   float8;
