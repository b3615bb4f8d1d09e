package platform

import (
	"context"
	"os/exec"
	"strings"
	"time"
)

// machineID asks the registry of devices for what the hardware is named.
func machineID() string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice").Output()
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(out), `"IOPlatformUUID" = "`)
	id, _, found := strings.Cut(rest, `"`)
	if !found {
		return ""
	}
	return id
}
