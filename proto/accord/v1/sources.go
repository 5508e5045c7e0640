// Package accordv1 is the API of Accord: messages, clients, servers and a gateway, generated
// from the protos in this directory.
package accordv1

import "embed"

// Sources has the protos of the API and service_config.json. With that file, gRPC clients repeat
// reads while a server is unavailable.
//
//go:embed *.proto service_config.json
var Sources embed.FS

// ServiceConfig is the content of service_config.json.
//
//go:embed service_config.json
var ServiceConfig string
