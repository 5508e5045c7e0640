package check

import (
	"os"
	"testing"

	"github.com/coreos/go-systemd/v22/unit"
)

// TestUnit: the unit can be read, and keeps the settings that confine the server.
func TestUnit(t *testing.T) {
	file, err := os.Open("../systemd/accord.service")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	options, err := unit.DeserializeOptions(file)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, option := range options {
		got[option.Section+" "+option.Name] = option.Value
	}
	for name, want := range map[string]string{
		"Service DynamicUser": "yes", "Service NoNewPrivileges": "yes", "Service ProtectSystem": "strict", "Service ProtectHome": "yes",
		"Service PrivateDevices": "yes", "Service CapabilityBoundingSet": "", "Service MemoryDenyWriteExecute": "yes",
		"Service Restart": "on-failure", "Service ExecStart": "/usr/local/bin/accord serve", "Install WantedBy": "multi-user.target",
	} {
		if value, ok := got[name]; !ok || value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
}
