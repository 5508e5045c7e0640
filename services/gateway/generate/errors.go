package main

import (
	"strings"
)

// addErrors replaces the response for all other statuses with one for each status that an
// operation can have. base.json describes the statuses.
func addErrors(method, path string, responses object) {
	delete(responses, "default")
	statuses := []string{"400", "401", "403", "429", "499", "500", "503", "504"}
	collection := strings.Contains(path, "/collections/{")
	if collection {
		statuses = append(statuses, "404")
	}
	if collection || method == "post" {
		statuses = append(statuses, "409") // also for reads, since a space can change under them
	}
	if method == "post" || method == "put" {
		statuses = append(statuses, "413")
	}
	if strings.HasSuffix(path, "/documents/{document}") {
		if method == "get" {
			responses["304"] = object{"description": "The document has an ETag of If-None-Match."}
		} else {
			statuses = append(statuses, "412")
		}
	}
	for _, status := range statuses {
		responses[status] = object{"$ref": "#/components/responses/" + status}
	}
}
