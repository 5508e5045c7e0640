// Package check has the tests of what deploy/ ships: compose files, manifests, alert
// rules, the dashboard and the systemd unit. It is a separate module, so that its
// dependencies are not in the service's go.mod.
package check
