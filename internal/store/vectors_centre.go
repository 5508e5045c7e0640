package store

import (
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// generation is a calibration for which writers store centred vectors: the current one,
// or one that is being built.
type generation struct {
	number int
	table  string // the table of its centred vectors
}

// writtenSpace is a space with the generations for which a writer must store vectors.
type writtenSpace struct {
	space.Space
	live []generation
}

// queueRecentre queues the statements that replace the centred vectors of documents in
// all generations of a space.
func queueRecentre(batch *pgx.Batch, sp writtenSpace, ids []string) {
	for _, g := range sp.live {
		batch.Queue("DELETE FROM "+quoteTable(g.table)+" WHERE document_id = ANY($1)", ids)
		queueCentre(batch, sp.Space, g, ids)
	}
}

// queueCentre queues the statement that centres the vectors of documents for a generation,
// one row per passage. Documents that the generation already has are skipped. A language
// without a mean uses the mean of the fallback; without a fallback nothing is subtracted. A
// passage in several pieces is indexed by their mean. If only its sentences have vectors,
// it is indexed by the mean of those. The signature is that of its stored terms (see
// document.Signature). Languages that are new to the generation are recorded in it, because
// searches go language by language.
func queueCentre(batch *pgx.Batch, sp space.Space, g generation, ids []string) {
	batch.Queue(fmt.Sprintf(`WITH added AS (INSERT INTO %[1]s (document_id, ordinal, kind, fresh, language, language_code, publish_time, source, centred, pieces, sentences, signature)
		SELECT v.document_id, v.ordinal, v.kind, v.language = ANY(c.indexing), v.language, v.language_code, d.publish_time, d.source,
			CASE WHEN cardinality(v.wholes) = 1 THEN v.wholes[1] ELSE v.mean END,
			CASE WHEN cardinality(v.wholes) = 1 THEN NULL ELSE coalesce(v.wholes, '{}') END, v.sentences,
			(SELECT o.terms_version::bit(16) || bit_or(set_bit(0::bit(256), term & 255, 1)) FROM unnest(t.terms) term)
		FROM (SELECT document_id, ordinal, kind, language, language_code,
				array_agg(centred::halfvec ORDER BY window_number) FILTER (WHERE role = %[3]d) AS wholes,
				array_agg(centred::halfvec ORDER BY window_number) FILTER (WHERE role = %[4]d) AS sentences,
				l2_normalize(coalesce(avg(centred) FILTER (WHERE role = %[3]d), avg(centred)))::halfvec AS mean
			FROM (SELECT v.*, coalesce(l2_normalize(v.embedding::vector - coalesce(own.mean, other.mean)), v.embedding::vector) AS centred
				FROM %[2]s v
				LEFT JOIN calibration_languages own ON (own.collection_id, own.space_id, own.generation, own.language) = ($1, $2, $3, v.language)
				LEFT JOIN calibration_languages other ON (other.collection_id, other.space_id, other.generation, other.language) = ($1, $2, $3, $4)
				WHERE v.document_id = ANY($5)) v
			GROUP BY document_id, ordinal, kind, language, language_code) v
		JOIN documents d ON d.collection_id = $1 AND d.document_id = v.document_id
		JOIN collections o ON o.collection_id = $1
		JOIN calibrations c ON (c.collection_id, c.space_id, c.generation) = ($1, $2, $3)
		LEFT JOIN %[5]s t ON t.document_id = v.document_id AND t.ordinal = v.ordinal
		ON CONFLICT DO NOTHING RETURNING language)
		UPDATE calibrations SET languages = ARRAY(SELECT DISTINCT unnest(languages || new.list) ORDER BY 1)
		FROM (SELECT array_agg(DISTINCT language) AS list FROM added) new
		WHERE (collection_id, space_id, generation) = ($1, $2, $3) AND NOT languages @> new.list`, quoteTable(g.table), quoteTable(sp.VectorTable), document.RolePassage, document.RoleSentences, quoteTable(sp.Terms.Table)),
		sp.Collection, sp.ID, g.number, calibrate.Fallback, ids)
}
