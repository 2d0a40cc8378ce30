package helm

import (
	"errors"
	"testing"
	"time"
)

// memoryTimeout only ends a test that has failed.
const memoryTimeout = time.Minute

// TestRenderLimit waits for the limit, which comes when helm runs already.
func TestRenderLimit(t *testing.T) {
	if got := runFake(t, Options{Release: "limit", Memory: 1234 << 20, Timeout: memoryTimeout}); got != "1293942784 <nil>\n" {
		t.Errorf("helm is limited to %s", got)
	}
}

// TestHelmMemory has a text that grows until there is no room for it.
func TestHelmMemory(t *testing.T) {
	withHelm(t)
	c := mustRead(t, "-- templates/x.yaml --\n{{ $s := \"x\" }}{{ range until 60 }}{{ $s = print $s $s }}{{ end }}\n")
	if _, err := c.Render(t.Context(), Options{Memory: 512 << 20, Timeout: memoryTimeout}); !errors.Is(err, ErrMemory) {
		t.Errorf("Render: %v", err)
	}
}
