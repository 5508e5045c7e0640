package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// callFlags are the flags of a command that asks a server and prints its answer.
type callFlags struct {
	Output  string        `short:"o" enum:"text,json" default:"text" help:"text, or json: the server's answer."`
	Timeout time.Duration `default:"60s" env:"ACCORD_TIMEOUT" help:"Time limit for the answer."`

	clientFlags `embed:""`
}

// open connects to the server and limits the time of the calls with the returned context.
// end closes the connection and releases the context.
func (f callFlags) open(ctx context.Context) (_ context.Context, conn *grpc.ClientConn, end func(), err error) {
	if conn, err = f.dial(); err != nil {
		return nil, nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	return ctx, conn, func() { cancel(); conn.Close() }, nil
}

// call asks the server and prints its answer: as JSON if the flags say so, otherwise with
// the function print.
func call[A proto.Message](ctx context.Context, f callFlags, io streams,
	ask func(context.Context, *grpc.ClientConn) (A, error), print func(A),
) (answer A, err error) {
	ctx, conn, end, err := f.open(ctx)
	if err != nil {
		return answer, err
	}
	defer end()
	if answer, err = ask(ctx, conn); err != nil {
		return answer, err
	}
	if f.Output == "json" {
		return answer, printJSON(io.out, json.RawMessage(protojson.Format(answer)))
	}
	print(answer)
	return answer, nil
}

// printJSON writes v as JSON and a line feed. Harmful characters are escaped, which
// changes nothing for a reader of JSON.
func printJSON(w io.Writer, v any) error {
	text, ok := v.(json.RawMessage) // json.RawMessage is printed as it is
	if !ok {
		var buffer strings.Builder
		encoder := json.NewEncoder(&buffer)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(v); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
		text = json.RawMessage(strings.TrimSuffix(buffer.String(), "\n"))
	}
	var out strings.Builder
	for _, r := range string(text) {
		if harmful(r) {
			fmt.Fprintf(&out, `\u%04x`, r)
		} else {
			out.WriteRune(r)
		}
	}
	if _, err := fmt.Fprintln(w, out.String()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// field is a label with its value, for printing a document or a space.
type field struct{ label, value string }

// printFields prints one line for each field that has a value.
func printFields(w io.Writer, fields []field) {
	for _, f := range fields {
		if value := oneLine(f.value); value != "" {
			fmt.Fprintf(w, "%-10s %s\n", f.label, value)
		}
	}
}

// printTable prints columns under a heading.
func printTable(w io.Writer, heading []string, rows [][]any) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, strings.Join(heading, "\t"))
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = oneLine(fmt.Sprint(cell))
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	_ = table.Flush() // main reports a closed standard output
}
