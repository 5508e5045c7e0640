// Package check has the tests of what deploy/ ships: compose files, manifests, alert
// rules, the dashboard and the systemd unit. It is a module of its own, so that the
// service's go.mod stays the service's.
package check
