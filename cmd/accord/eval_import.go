package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/eval"
	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// corpusIDKey is the metadata key of a passage's _id.
const corpusIDKey = "corpus_id"

// importSet imports the passages. It creates the collection if it is missing. When it
// returns nil, the server has all passages and has calibrated them, or a message says that
// the calibration continues.
func (c *evalCmd) importSet(ctx context.Context, conn *grpc.ClientConn, set *eval.Set, out streams) error {
	id, _ := document.ParseCollectionName(string(c.Collection))
	_, err := accordv1.NewCollectionServiceClient(conn).CreateCollection(ctx, &accordv1.CreateCollectionRequest{CollectionId: id})
	if err != nil && status.Code(err) != codes.AlreadyExists {
		return err
	}
	calibrating, err := c.importPassages(ctx, conn, set.Passages, progress(out, "importing", len(set.Passages)))
	if err != nil || !calibrating {
		return err
	}
	fmt.Fprintln(out.err, "waiting for the server to calibrate the imported passages")
	for deadline := time.Now().Add(c.CalibrationTimeout); calibrating && time.Now().Before(deadline); {
		select {
		case <-time.After(calibrationPause):
		case <-ctx.Done():
			return ctx.Err()
		}
		// Importing the last passage again changes nothing, but its answer waits for the
		// calibration and reports whether it is still running.
		last := set.Passages[len(set.Passages)-1:]
		if calibrating, err = c.importPassages(ctx, conn, last, progress(out, "calibrating", 1)); err != nil {
			return err
		}
	}
	if calibrating {
		fmt.Fprintf(out.err, "the server has not finished calibrating within %v, and continues: the figures may change\n", c.CalibrationTimeout)
	}
	return nil
}

// calibrationPause is the pause between two checks of the calibration.
const calibrationPause = time.Second

// importPassages imports passages, each as a document, and reports whether the server is
// still calibrating them.
func (c *evalCmd) importPassages(ctx context.Context, conn *grpc.ClientConn, passages []eval.Passage, bar *progressbar.ProgressBar) (calibrating bool, err error) {
	group, ctx := errgroup.WithContext(ctx)
	stream, err := accordv1.NewIngestServiceClient(conn).ImportDocuments(ctx)
	if err != nil {
		return false, err
	}
	group.Go(guard.Func(func() error { return sendPassages(stream, string(c.Collection), passages) }))
	group.Go(guard.Func(func() error {
		for i, p := range passages {
			ack, err := stream.Recv()
			if err != nil {
				return fmt.Errorf("import failed after %d of %d passages: %w", i, len(passages), err)
			}
			if ack.GetOutcome() == accordv1.WriteOutcome_WRITE_OUTCOME_FAILED {
				return fmt.Errorf("%s: %s: %s", p.Place, p.ID, oneLine(ack.GetStatus().GetMessage()))
			}
			calibrating = ack.GetCalibrating()
			_ = bar.Add(1)
		}
		if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
			return fmt.Errorf("import failed at its end: %w", err)
		}
		return nil
	}))
	err = group.Wait()
	return calibrating, err
}

// sendPassages sends the settings and the documents. If the stream ends early it returns
// nil, since the receiver gets the error.
func sendPassages(stream accordv1.IngestService_ImportDocumentsClient, collection string, passages []eval.Passage) error {
	settings := &accordv1.ImportSettings{Parent: collection}
	err := stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: settings}})
	for i := 0; err == nil && i < len(passages); i++ {
		err = stream.Send(&accordv1.ImportDocumentsRequest{
			Message: &accordv1.ImportDocumentsRequest_Document{Document: passageDocument(collection, passages[i])},
		})
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return stream.CloseSend()
}

// passageDocument returns the document for a passage.
func passageDocument(collection string, p eval.Passage) *accordv1.Document {
	return &accordv1.Document{
		Name:  collection + "/documents/" + passageDocumentID(p.ID),
		Title: p.Title, LanguageCode: p.Language, Text: p.Text,
		Metadata: map[string]string{corpusIDKey: p.ID},
	}
}

var notIDRE = regexp.MustCompile(`[^a-z0-9]+`)

// passageDocumentID returns a passage's own id if it is a valid document id. Otherwise it
// returns the valid characters of the id and a digest.
func passageDocumentID(id string) string {
	if document.ValidID(id) {
		return id
	}
	const digestLength, slugLength = 16, 46 // 63 characters with the hyphen between them
	sum := sha256.Sum256([]byte(id))
	slug := strings.TrimLeft(notIDRE.ReplaceAllString(strings.ToLower(id), "-"), "-")
	slug = strings.TrimRight(slug[:min(slugLength, len(slug))], "-")
	return strings.TrimLeft(slug+"-"+hex.EncodeToString(sum[:])[:digestLength], "-")
}

// remove deletes the collection of the set, even if the command was interrupted.
func (c *evalCmd) remove(ctx context.Context, conn *grpc.ClientConn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Timeout)
	defer cancel()
	_, err := accordv1.NewCollectionServiceClient(conn).DeleteCollection(ctx, &accordv1.DeleteCollectionRequest{Name: string(c.Collection), Force: true})
	return err
}
