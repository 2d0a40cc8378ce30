//go:build !unix

package helm

import (
	"os"
	"os/exec"
)

// ownGroup does nothing where there are no groups of processes.
func ownGroup(*exec.Cmd) {}

// killGroup kills a process.
func killGroup(p *os.Process) error { return p.Kill() }
