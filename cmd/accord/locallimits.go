package main

import (
	"os"
	"time"

	"github.com/alecthomas/kong"
)

// localHealthTimeout limits a health check under --local.
const localHealthTimeout = 10 * time.Second

// localLimit is the default of a time limit under --local.
type localLimit struct {
	flag   string
	target *time.Duration
	limit  time.Duration
}

// localLimits returns longer limits, for a machine that runs the database, the model server
// and other programs. What takes a second on an idle machine has taken half a minute on a
// busy one. The help of the flags states these values.
func (c *serveCmd) localLimits() []localLimit {
	limits := []localLimit{{"default-timeout", &c.DefaultTimeout, 2 * time.Minute}}
	if c.DatabaseURL == "" {
		limits = append(limits, localLimit{"database-timeout", &c.DatabaseTimeout, time.Minute})
	}
	if !c.configured() {
		limits = append(limits,
			localLimit{"embedding-query-timeout", &c.EmbeddingQueryTimeout, 30 * time.Second},
			localLimit{"embedding-passage-timeout", &c.EmbeddingPassageTimeout, 5 * time.Minute},
			localLimit{"query-vector-timeout", &c.QueryVectorTimeout, 5 * time.Second})
	}
	return limits
}

// useLocalLimits sets the defaults of --local for the flags that are not set.
func (c *serveCmd) useLocalLimits(parsed *kong.Context) {
	if !c.Local {
		return
	}
	c.healthTimeout = localHealthTimeout
	if !flagGiven(parsed, "http-addr") {
		c.HTTPAddr = defaultHTTPAddr
	}
	for _, l := range c.localLimits() {
		if !flagGiven(parsed, l.flag) {
			*l.target = l.limit
		}
	}
}

// flagGiven reports whether a flag is set on the command line or in the environment, even
// if it is set to its default.
func flagGiven(parsed *kong.Context, name string) bool {
	for _, element := range parsed.Path {
		if element.Flag != nil && element.Flag.Name == name {
			return true
		}
	}
	for _, flag := range parsed.Flags() {
		if flag.Name != name {
			continue
		}
		for _, variable := range flag.Envs {
			if _, set := os.LookupEnv(variable); set {
				return true
			}
		}
	}
	return false
}
