package ingest

import "context"

// importItem is a document of an import in progress.
type importItem struct {
	name   string
	done   chan struct{} // closed when answer is set
	answer Imported
}

// answerSender sends the answers of an import in order.
type answerSender struct {
	stream Stream
	// last is the answer for the last document, which waits for the calibration. It is nil if
	// that answer was sent before the stream had ended.
	last    *Imported
	stored  bool // whether the collection has at least one of the documents
	written int  // number of passages written
}

// send sends the answers of a queue until it is closed. It sends an answer at once if the
// stream may go on, since the caller may wait for it before it ends the stream.
func (a *answerSender) send(ctx context.Context, queue <-chan *importItem) error {
	for d, more := <-queue; more; {
		select {
		case <-d.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		a.stored = a.stored || d.answer.Err == nil
		if d.answer.Err == nil && d.answer.Result.Outcome != Unchanged {
			a.written += d.answer.Result.Passages
		}
		var next *importItem
		known := true
		select {
		case next, more = <-queue:
		default:
			known = false
		}
		if known && !more {
			a.last = &d.answer
			return nil
		}
		if err := a.stream.Send(d.answer); err != nil {
			return err
		}
		if !known {
			next, more = <-queue
		}
		d = next
	}
	return nil
}
