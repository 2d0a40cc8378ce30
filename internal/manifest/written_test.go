package manifest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// askFile holds the questions of an archive of testdata/written: the kind and
// name of an object as it is rendered, and a path in it. A path that ends in a
// colon asks for the key. What comes out is where that is written, and the line.
const askFile = "ask"

// TestWritten asks where values of rendered objects are written.
func TestWritten(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "written", "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no archives", err)
	}
	for _, path := range paths {
		if path, err = filepath.Abs(path); err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive := readArchive(t, path)
			files := map[string][]byte{}
			var tree []txtar.File
			for _, f := range archive.Files {
				if files[f.Name] = f.Data; f.Name != askFile && f.Name != wantFile {
					if bytes.Contains(archive.Comment, []byte("crlf: "+f.Name+"\n")) {
						f.Data = bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))
					}
					tree = append(tree, f)
				}
			}
			enterTree(t, tree)
			loaded := loadPaths(".")
			for _, p := range loaded.Problems {
				t.Error(p)
			}
			for _, s := range loaded.Skips {
				if s.Reason == Unbuilt {
					t.Error(s)
				}
			}
			var answers strings.Builder
			for question := range strings.Lines(string(files[askFile])) {
				answers.WriteString(answer(t, loaded, strings.TrimSpace(question)))
			}
			got, want := answers.String(), string(files[wantFile])
			last := len(archive.Files) - 1
			if *update && got != want && archive.Files[last].Name == wantFile {
				archive.Files[last].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// answer says where what a question is about is written, of each object that
// it may mean.
func answer(t *testing.T, tree *Tree, question string) string {
	t.Helper()
	object, rest, _ := strings.Cut(question, " ")
	path, key := strings.CutSuffix(rest, ":")
	var steps []any
	for step := range strings.SplitSeq(path, ".") {
		if i, err := strconv.Atoi(step); err == nil {
			steps = append(steps, i)
		} else if step != "" {
			steps = append(steps, strings.ReplaceAll(step, "~", "."))
		}
	}
	var b strings.Builder
	for _, r := range tree.Resources {
		if r.Kind+"/"+r.Name != object {
			continue
		}
		span := r.Span(steps...)
		if key {
			span = r.KeySpan(steps...)
		}
		at := r.Written(span)
		line := at.Start().Line
		fmt.Fprintf(&b, "%s: %s:%d: %s\n", question, at.File.Path, line, strings.TrimSpace(at.File.Line(line)))
	}
	if b.Len() == 0 {
		t.Errorf("no object %s", object)
	}
	return b.String()
}
