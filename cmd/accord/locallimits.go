package main

import (
	"os"
	"time"

	"github.com/alecthomas/kong"
)

// localHealthTimeout is how long a look at the health of --local may take.
const localHealthTimeout = 10 * time.Second

// localLimit is the time limit that a flag has under --local unless it is given.
type localLimit struct {
	flag   string
	target *time.Duration
	limit  time.Duration
}

// localLimits are for a machine that runs all of Accord beside what else its user
// does: what takes a second there when it is idle has taken half a minute. The
// flags' help tells them.
func (c *serveCmd) localLimits() []localLimit {
	limits := []localLimit{{"default-timeout", &c.DefaultTimeout, 2 * time.Minute}}
	if c.DatabaseURL == "" {
		limits = append(limits, localLimit{"database-timeout", &c.DatabaseTimeout, time.Minute})
	}
	if !c.given() {
		limits = append(limits,
			localLimit{"embedding-query-timeout", &c.EmbeddingQueryTimeout, 30 * time.Second},
			localLimit{"embedding-passage-timeout", &c.EmbeddingPassageTimeout, 5 * time.Minute},
			localLimit{"query-vector-timeout", &c.QueryVectorTimeout, 5 * time.Second})
	}
	return limits
}

// useLocalLimits puts the limits of --local in place of those that are not given.
func (c *serveCmd) useLocalLimits(parsed *kong.Context) {
	if !c.Local {
		return
	}
	c.healthTimeout = localHealthTimeout
	for _, l := range c.localLimits() {
		if !flagGiven(parsed, l.flag) {
			*l.target = l.limit
		}
	}
}

// flagGiven reports whether a flag stands on the command line or in the
// environment, with its default value or another.
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
