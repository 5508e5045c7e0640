package main

import (
	"context"
	"errors"
	"io"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	// resendTries bounds how often a document is sent again because another writer changed
	// it first. At the first try a replica may answer with an outdated version. Later tries
	// see all writes, because an import returns its position.
	resendTries = 3
	// resendTimeout limits one of these tries. It is the server's own default limit.
	resendTimeout = 10 * time.Minute
)

// answered reports the answer for a document. If the document's precondition failed, it
// checks again what is stored. It then either reports that the document is refused, for
// example because the stored one came from another folder, or sends it again. It returns
// the server's error for the document, or nil.
func (im *importer) answered(ctx context.Context, s sentDocument, ack *accordv1.ImportDocumentsResponse) error {
	name := s.document.GetName()
	for range resendTries {
		if !preconditionFailed(ack) {
			break
		}
		again, refused, err := im.resend(ctx, s)
		switch {
		case refused != nil:
			s.file.failed = true
			im.report.refused(s.file.name, name, refused)
			return nil
		case err != nil:
			s.file.failed = true
			im.report.unanswered(s.file.name, name, err)
			return err
		}
		again.Calibrating = again.GetCalibrating() || ack.GetCalibrating()
		ack = again
	}
	if ack.GetOutcome() == accordv1.WriteOutcome_WRITE_OUTCOME_FAILED {
		s.file.failed = true
	}
	s.file.stored.Add(name, ack.GetEtag())
	s.file.passages += int(ack.GetPassageCount())
	im.report.written(s.file.name, ack)
	return status.ErrorProto(ack.GetStatus())
}

// resend checks again what is stored under the name of a document. It sends the document
// over its own stream, unless it is refused.
func (im *importer) resend(ctx context.Context, s sentDocument) (ack *accordv1.ImportDocumentsResponse, refused, err error) {
	ctx, cancel := context.WithTimeout(ctx, resendTimeout)
	defer cancel()
	why, preconditions, _, err := im.checkStored(ctx, []*accordv1.Document{s.document}, s.file.input, s.file.root)
	if refused = why[s.document.GetName()]; err != nil || refused != nil {
		return nil, refused, err
	}
	stream, err := im.openImport(ctx, im.conn)
	if err != nil {
		return nil, nil, err
	}
	err = stream.Send(importRequest(s.document, preconditions[s.document.GetName()]))
	if err != nil && !errors.Is(err, io.EOF) { // io.EOF: Recv returns the error of the stream
		return nil, nil, err
	}
	if err := stream.CloseSend(); err != nil {
		return nil, nil, err
	}
	if ack, err = stream.Recv(); err != nil {
		return nil, nil, err
	}
	_, err = stream.Recv() // the trailer, which has the position, arrives with the end of the stream
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return ack, nil, err
}

// importRequest returns the message of an import that carries a document. The precondition
// may be nil.
func importRequest(d *accordv1.Document, p *accordv1.Precondition) *accordv1.ImportDocumentsRequest {
	return &accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{Document: d}, Precondition: p}
}

// preconditionFailed reports whether a document was not written because another writer
// changed it first.
func preconditionFailed(ack *accordv1.ImportDocumentsResponse) bool {
	for _, detail := range status.FromProto(ack.GetStatus()).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetReason() == "PRECONDITION_FAILED" {
			return true
		}
	}
	return false
}
