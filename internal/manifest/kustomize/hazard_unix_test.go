//go:build unix

package kustomize

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestBuildPipes names pipes in place of files. Nobody writes to them, and who
// reads one waits.
func TestBuildPipes(t *testing.T) {
	for _, field := range []string{
		"resources: [in.yaml, pipe]", "patches: [{path: pipe}]", "configMapGenerator: [{name: a, files: [pipe]}]", "resources: [base]",
	} {
		name := strings.NewReplacer(" ", "", "/", "").Replace(field)
		t.Run(name, func(t *testing.T) {
			if !isAlone() {
				alone(t)
				return
			}
			dir := writeText(t, "-- kustomization.yaml --\n"+field+"\n-- in.yaml --\n"+pod("in")+"-- base/in.yaml --\n")
			for _, pipe := range []string{"pipe", "base/kustomization.yaml"} {
				if err := unix.Mkfifo(filepath.Join(dir, pipe), 0o600); err != nil {
					t.Skip("no pipes here:", err)
				}
			}
			r := readTree(t, dir)
			objects, err := r.build(".")
			t.Logf("%v, %v", names(objects), err)
			for _, k := range r.all {
				t.Log(names(r.Plain(k)))
			}
		})
	}
}
