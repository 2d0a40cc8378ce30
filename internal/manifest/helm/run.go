package helm

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// How much helm may print. Of its messages the beginning is kept.
const (
	maxOutput   = 64 << 20
	maxMessages = 64 << 10
)

// command is how helm is called.
type command struct {
	program string
	args    []string
	// dir is the working directory, and all that helm may write to.
	dir    string
	memory int64
}

// failure is a helm that ended with an error, and what it said.
type failure struct {
	messages string
	// dir is the directory that it may name.
	dir string
	err error
}

func (f *failure) Error() string { return f.err.Error() }

// run runs helm to its end and returns what it printed. The error is
// ErrOutput, that of ctx, or a failure.
func run(ctx context.Context, c command) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	output := &capped{max: maxOutput, full: cancel}
	messages := &capped{max: maxMessages}

	cmd := exec.CommandContext(ctx, c.program, c.args...) //nolint:gosec // the user's own helm
	cmd.Dir, cmd.Env = c.dir, c.environment()
	cmd.Stdout, cmd.Stderr = output, messages
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = time.Second // for a process that outlives the group and holds the pipe
	if err := cmd.Start(); err != nil {
		return "", err
	}
	limited := limitMemory(cmd.Process.Pid, c.memory)
	if limited != nil {
		cancel()
	}
	err := cmd.Wait()
	switch {
	case limited != nil:
		return "", fmt.Errorf("limit the memory of helm: %w", limited)
	case output.over:
		return "", ErrOutput
	case err == nil:
		return output.kept.String(), nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	return "", &failure{messages.kept.String(), c.dir, err}
}

// environment is all that helm gets to see of one.
func (c command) environment() []string {
	env := []string{
		fmt.Sprintf("GOMEMLIMIT=%d", c.memory/4*3),
		"GOTRACEBACK=none",
		"KUBECONFIG=" + filepath.Join(c.dir, "none"),
		"HELM_PLUGINS=" + filepath.Join(c.dir, "none"),
	}
	for _, name := range []string{
		"HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
		"HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME",
	} {
		env = append(env, name+"="+c.dir)
	}
	return env
}

// lacksMemory matches how a program says that it got no more memory. Threads
// need some for their stacks.
var lacksMemory = regexp.MustCompile(`(?m)^(?:fatal error|runtime).*(?:out of memory|cannot allocate memory|pthread_create failed|new OS thread)`)

// outOfMemory reports whether helm died of a lack of memory. Nobody else kills
// it at once: at the deadline, that is the error.
func (f *failure) outOfMemory() bool {
	return f.err.Error() == "signal: killed" || lacksMemory.MatchString(f.messages)
}

// capped keeps the first max bytes that are written to it.
type capped struct {
	// kept is not embedded: its other methods would pass the limit by.
	kept bytes.Buffer
	max  int
	over bool
	// full is called when there is more, if it is not nil. The rest is then
	// not wanted.
	full func()
}

func (c *capped) Write(p []byte) (int, error) {
	room := c.max - c.kept.Len()
	if len(p) <= room {
		return c.kept.Write(p)
	}
	c.over = true
	c.kept.Write(p[:room])
	if c.full == nil {
		return len(p), nil
	}
	c.full()
	return room, ErrOutput
}
