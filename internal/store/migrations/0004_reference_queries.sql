-- The vectors of reference queries, as the model gave them, so that a generation
-- can be built without the model server. Spaces of the same id share them, as
-- they share background_vectors.
CREATE TABLE reference_queries (
    space_id  text COLLATE "C" NOT NULL,
    language  text COLLATE "C" NOT NULL,
    -- 0: a few words; 1: a whole question.
    form      smallint NOT NULL,
    number    integer NOT NULL,
    embedding vector NOT NULL,
    PRIMARY KEY (space_id, language, form, number)
);

-- What the reference queries of a language say in a generation: the mean vector of
-- each form, and the mean and standard deviation of the similarity of the passage
-- that is nearest to each. NULL until they are embedded.
ALTER TABLE calibration_languages
    ADD COLUMN short_query_mean vector,
    ADD COLUMN question_mean    vector,
    ADD COLUMN null_mean        float8,
    ADD COLUMN null_deviation   float8;
