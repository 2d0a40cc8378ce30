package helm

import (
	"errors"

	"golang.org/x/sys/unix"
)

// limitMemory limits what a process may allocate, in bytes.
func limitMemory(pid int, memory int64) error {
	limit := &unix.Rlimit{Cur: uint64(memory), Max: uint64(memory)} //nolint:gosec // not negative
	err := unix.Prlimit(pid, unix.RLIMIT_DATA, limit, nil)
	if errors.Is(err, unix.ESRCH) { // it has ended
		return nil
	}
	return err
}
