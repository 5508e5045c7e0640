package main

import (
	"errors"

	"github.com/accord-search/accord/internal/admission"
	"github.com/accord-search/accord/internal/server"
	"github.com/accord-search/accord/services/throttle"
)

// limitFlags bound the calls of a server. Connections and messages have fixed bounds.
type limitFlags struct {
	MaxCalls          int     `default:"256" env:"ACCORD_MAX_CALLS" help:"Maximum number of calls that run at once: half of them reads, a quarter writes, an eighth administration, an eighth imports. The same number may wait. Fewer calls run while calls take long."`
	MaxCallsPerCaller int     `env:"ACCORD_MAX_CALLS_PER_CALLER" help:"Maximum number of calls in flight for each caller: an API key, or an address without one. 0 means half of --max-calls."`
	MaxRatePerCaller  float64 `env:"ACCORD_MAX_RATE_PER_CALLER" help:"Maximum number of calls per second of one caller; 0 for no maximum."`
}

const minCalls = 8

// checkLimits checks the flags.
func (f limitFlags) checkLimits() error {
	if f.MaxCalls < minCalls || f.MaxCallsPerCaller < 0 || f.MaxRatePerCaller < 0 {
		return errors.New("--max-calls must be at least 8, and --max-calls-per-caller and --max-rate-per-caller not negative")
	}
	return nil
}

// admission returns the controller that enforces the limits.
func (f limitFlags) admission(observer admission.Observer) *admission.Controller {
	return admission.New(admission.Config{
		MaxCalls: f.MaxCalls, MaxCallsPerCaller: f.MaxCallsPerCaller, RatePerCaller: f.MaxRatePerCaller, Observer: observer,
	})
}

// throttled returns interceptors that let calls in as a controller decides.
func throttled(controller *admission.Controller) server.Interceptors {
	t := throttle.New(controller)
	return server.Interceptors{Unary: t.Unary, Stream: t.Stream}
}
