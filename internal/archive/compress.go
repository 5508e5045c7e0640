package archive

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// compressor is a stream of compressed data. Flush makes everything written so far
// readable, even if the stream is not closed.
type compressor interface {
	io.Writer
	Flush() error
	Close() error
}

// plain is a compressor that does not compress.
type plain struct{ *bufio.Writer }

// Close implements compressor.
func (p plain) Close() error { return p.Flush() }

// compress returns a compressor chosen by the extension in name: .gz for gzip, .zst for
// zstd, none for others.
func compress(w io.Writer, name string) (compressor, error) {
	switch filepath.Ext(name) {
	case ".gz":
		return gzip.NewWriter(w), nil
	case ".zst":
		encoder, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		return encoder, nil
	default:
		return plain{bufio.NewWriter(w)}, nil
	}
}

// decompress returns a reader of the data that compress wrote.
func decompress(r io.Reader, name string) (io.ReadCloser, error) {
	switch filepath.Ext(name) {
	case ".gz":
		decoder, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("gzip: %w", err)
		}
		return decoder, nil
	case ".zst":
		const maxMemory = 64 << 20
		decoder, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxMemory), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		return decoder.IOReadCloser(), nil
	default:
		return io.NopCloser(r), nil
	}
}
