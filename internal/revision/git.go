package revision

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// The modes of entries that are no regular files.
const (
	symlink   = "120000"
	submodule = "160000"
)

// entry is one file of a revision.
type entry struct {
	mode, object string
	// path is below the root, with slashes.
	path string
}

// git runs the program in a repository. Only commands that read objects are run:
// no hook, filter or other program of the repository's settings is part of them.
type git struct {
	ctx  context.Context //nolint:containedctx // it lives as long as one call of Checkout
	root string
}

// local are the variables with which git tells its hooks about a repository, which
// need not be this one.
var local = []string{
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS", "GIT_DIR",
	"GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NO_REPLACE_OBJECTS",
	"GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
}

func (g git) command(args ...string) *exec.Cmd {
	//nolint:gosec // the arguments are written here, and a revision cannot be an option
	c := exec.CommandContext(g.ctx, "git", append([]string{"-C", g.root}, args...)...)
	c.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(local, name)
	})
	// Nothing is fetched, asked or written on the way.
	c.Env = append(c.Env, "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	return c
}

// output is what a command prints. The error is what it says to standard error.
func (g git) output(args ...string) ([]byte, error) {
	out, err := g.command(args...).Output()
	return out, explained(err)
}

// explained is an error of git in its own words.
func explained(err error) error {
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errors.New("git is not installed")
	case errors.As(err, &exit) && len(exit.Stderr) > 0:
		first, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
		return fmt.Errorf("git: %s", strings.TrimPrefix(first, "fatal: "))
	case err != nil:
		return fmt.Errorf("git: %w", err)
	default:
		return nil
	}
}

// commit is the name of the commit that a revision stands for.
func (g git) commit(rev string) (string, error) {
	out, err := g.output("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err == nil {
		return strings.TrimSpace(string(out)), nil
	}
	if g.ctx.Err() != nil || errors.Is(err, exec.ErrNotFound) {
		return "", err
	}
	if _, there := g.output("rev-parse", "--git-dir"); there != nil {
		return "", there // git is not there, or does not take it for a repository
	}
	if shallow, _ := g.output("rev-parse", "--is-shallow-repository"); strings.TrimSpace(string(shallow)) == "true" {
		return "", fmt.Errorf("no revision %q in a clone without its history: fetch that too (fetch-depth: 0 of actions/checkout)", rev)
	}
	return "", fmt.Errorf("no revision %q in %s", rev, g.root)
}

// list are the files of a commit.
func (g git) list(commit string) ([]entry, error) {
	out, err := g.output("ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	var all []entry
	for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if line == "" {
			continue // a commit without files
		}
		about, path, found := strings.Cut(line, "\t")
		fields := strings.Fields(about) // mode, type and object
		if !found || len(fields) != 3 {
			return nil, fmt.Errorf("git ls-tree: %q", line)
		}
		all = append(all, entry{fields[0], fields[2], path})
	}
	return all, nil
}

// read hands over what is in the entries, in their order.
func (g git) read(entries []entry, do func(entry, []byte) error) error {
	if len(entries) == 0 {
		return nil
	}
	c := g.command("cat-file", "--batch")
	var asked strings.Builder
	for _, e := range entries {
		asked.WriteString(e.object + "\n")
	}
	c.Stdin = strings.NewReader(asked.String())
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return explained(err)
	}
	err = contents(bufio.NewReaderSize(out, 1<<16), entries, do)
	if err != nil {
		_ = c.Process.Kill() // it may have ended already
	}
	if ended := c.Wait(); ended != nil && err == nil {
		err = fmt.Errorf("git cat-file: %w: %s", ended, strings.TrimSpace(errs.String()))
	}
	return errors.Join(g.ctx.Err(), err)
}

// contents reads what cat-file prints: for each object a line that ends with its
// size, its bytes and a line feed.
func contents(out *bufio.Reader, entries []entry, do func(entry, []byte) error) error {
	for _, e := range entries {
		line, err := out.ReadString('\n')
		if err != nil {
			return fmt.Errorf("git cat-file: %s: %w", e.path, err)
		}
		var object, kind string
		var size int
		if _, err := fmt.Sscan(line, &object, &kind, &size); err != nil || kind != "blob" {
			return fmt.Errorf("%s is not in this clone: fetch it first", filepath.ToSlash(e.path))
		}
		text := make([]byte, size)
		if _, err := io.ReadFull(out, text); err != nil {
			return fmt.Errorf("git cat-file: %s: %w", e.path, err)
		}
		if _, err := out.Discard(1); err != nil {
			return fmt.Errorf("git cat-file: %s: %w", e.path, err)
		}
		if err := do(e, text); err != nil {
			return err
		}
	}
	return nil
}
