-- API keys. A key's secret is not stored, only its SHA-256. Since it has 256 random bits,
-- it cannot be found by guessing.
CREATE TABLE api_keys (
    key_id        text COLLATE "C" PRIMARY KEY,
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('read', 'write', 'admin')),
    -- Ids of collections, and prefixes with an asterisk; {*} means all.
    collections   text[] NOT NULL,
    hash          bytea NOT NULL CHECK (length(hash) = 32),
    -- The hash of the secret before the last rotation, and until when it is accepted.
    previous      bytea CHECK (length(previous) = 32),
    previous_end  timestamptz,
    create_time   timestamptz NOT NULL DEFAULT now(),
    expire_time   timestamptz,
    -- Updated at most once a minute.
    last_use_time timestamptz,
    CHECK ((previous IS NULL) = (previous_end IS NULL))
);
