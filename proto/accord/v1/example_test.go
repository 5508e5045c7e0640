package accordv1_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	documentName = "collections/default/documents/port"
	text         = "Talks began in Lima.\n\nBoth sides agreed to build a port."
)

// library replaces `accord serve`: it has one document of two paragraphs, and answers every
// question with the second paragraph.
type library struct {
	accordv1.UnimplementedSearchServiceServer
}

// Search implements accordv1.SearchServiceServer.
func (library) Search(context.Context, *accordv1.SearchRequest) (*accordv1.SearchResponse, error) {
	return &accordv1.SearchResponse{Results: []*accordv1.SearchResult{{
		Passage: &accordv1.Passage{
			Name: documentName + "/passages/1", Text: text[22:],
			Range: &accordv1.TextRange{Start: 22, End: 56, StartByte: 22, EndByte: 56},
		},
		Document: &accordv1.Document{Name: documentName, Title: "A port"},
		Scores:   &accordv1.Scores{Relevance: proto.Float32(0.9)},
	}}}, nil
}

// GetDocument implements accordv1.SearchServiceServer.
func (library) GetDocument(_ context.Context, req *accordv1.GetDocumentRequest) (*accordv1.GetDocumentResponse, error) {
	if req.GetName() != documentName {
		return nil, status.Error(codes.NotFound, "not found")
	}
	return &accordv1.GetDocumentResponse{Document: &accordv1.Document{Name: documentName, Title: "A port", Text: text}}, nil
}

// serve starts the library on a free port, and returns its address.
func serve() (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := grpc.NewServer()
	accordv1.RegisterSearchServiceServer(server, library{})
	go func() { _ = server.Serve(listener) }() // serves until Stop is called
	return listener.Addr().String(), server.Stop, nil
}

// The passage of a result is a range of the text of its document.
func ExampleSearchServiceClient() {
	address, stop, err := serve() // with `make run`, the address is localhost:50051
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	client, ctx := accordv1.NewSearchServiceClient(conn), context.Background()

	answer, err := client.Search(ctx, &accordv1.SearchRequest{Query: "what was agreed?"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, result := range answer.GetResults() {
		passage := result.GetPassage()
		fmt.Printf("%s (%.1f): %s\n", result.GetDocument().GetTitle(), result.GetScores().GetRelevance(), passage.GetText())

		found, err := client.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: result.GetDocument().GetName()})
		if err != nil {
			fmt.Println(err)
			return
		}
		whole, r := found.GetDocument().GetText(), passage.GetRange()
		fmt.Println("cited exactly:", whole[r.GetStartByte():r.GetEndByte()] == passage.GetText())
	}

	_, err = client.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: documentName + "-2"})
	fmt.Println(status.Code(err))
	// Output:
	// A port (0.9): Both sides agreed to build a port.
	// cited exactly: true
	// NotFound
}
