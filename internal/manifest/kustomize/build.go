package kustomize

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"github.com/egresslint/egresslint/internal/manifest/document"
	"github.com/egresslint/egresslint/internal/manifest/node"
)

// Object is one object that came out of a build.
type Object struct {
	// YAML is the object, and a line break.
	YAML []byte
	// Parts are the documents that made it: the one it comes from, and the
	// strategic merge patches. There are none for what a generator made.
	Parts []document.Document
}

// Build builds the kustomization in dir, and returns its objects of wanted
// kinds. Where it does not build as it is, bare leaves out what has no part in
// such objects: other documents, generators, transformers, and patches of what
// is not there.
func (w *Workspace) Build(dir string, bare bool) ([]Object, error) {
	scopes := []scope{needed, whole, entire}
	if k := w.At(dir); bare {
		scopes = []scope{wanted}
	} else if k != nil && slices.ContainsFunc(w.Closure(k), (*Kustomization).special) {
		scopes = []scope{whole, entire}
	}
	var made resmap.ResMap
	var err error
	for _, s := range scopes {
		b := &build{Workspace: w, scope: s}
		if made, err = b.run(dir); err == nil {
			break
		}
	}
	if err != nil {
		return nil, errors.New(tidy(err))
	}
	var objects []Object
	for _, r := range made.Resources() {
		if !w.Wanted(r.GetKind()) {
			continue
		}
		o, err := w.object(r, dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.CurId(), err)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// object takes the marks off an object, and follows them.
func (w *Workspace) object(r *resource.Resource, dir string) (Object, error) {
	var o Object
	annotations := r.GetAnnotations()
	var numbers []int
	for key := range annotations {
		if number, ok := strings.CutPrefix(key, markPrefix); ok {
			delete(annotations, key)
			if i, err := strconv.Atoi(number); err == nil {
				numbers = append(numbers, i)
			}
		}
	}
	if len(numbers) > 0 {
		if err := r.SetAnnotations(annotations); err != nil {
			return o, err
		}
	}
	from, patches := w.documents(numbers)
	if len(from) == 0 {
		from = w.lost(r, dir)
	}
	o.Parts = slices.Concat(from, patches)
	text, err := r.RNode.String() // AsYAML goes by way of JSON, which takes thrice as long
	o.YAML = []byte(text)
	return o, err
}

// documents are the marked documents: what an object comes from, and patches.
func (w *Workspace) documents(numbers []int) (from, patches []document.Document) {
	slices.Sort(numbers)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, i := range numbers {
		switch {
		case i >= len(w.parts):
		case w.parts[i].patch:
			patches = append(patches, w.parts[i].Document)
		default:
			from = append(from, w.parts[i].Document)
		}
	}
	return from, patches
}

// lost is the document that an object comes from whose marks a patch has
// removed, with the other annotations: that of its name, before prefix and
// suffix. There is none for what was generated.
func (w *Workspace) lost(r *resource.Resource, dir string) []document.Document {
	files := map[string]bool{}
	if k := w.At(dir); k != nil {
		for _, part := range w.Closure(k) {
			for _, ref := range part.Refs {
				files[ref.Target] = files[ref.Target] || ref.Role == Resource && ref.Target != ""
			}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	best, found := "", []document.Document(nil)
	for _, p := range w.parts {
		name := node.Text(node.Field(node.Field(p.Root, "metadata"), "name"))
		if now := w.Parsed[p.File.Real]; now != nil && now.File != p.File {
			continue // it was edited
		}
		if !p.patch && files[p.File.Real] && node.Text(node.Field(p.Root, "kind")) == r.GetKind() &&
			strings.Contains(r.GetName(), name) && len(name) > len(best) {
			best, found = name, []document.Document{p.Document}
		}
	}
	return found
}

// scope is how much of the documents a build reads.
type scope int

const (
	// needed is the kinds that are wanted, and those whose names such objects
	// refer to: what is wanted comes out the same, for a fraction of the work. A
	// build that uses the others in some way fails.
	needed scope = iota
	// whole is everything save the schemas of CustomResourceDefinitions.
	whole
	// entire is everything: a patch may change a schema.
	entire
	// wanted is the kinds that are wanted alone.
	wanted
)

// referents are the kinds whose names stand in workloads: kustomize changes
// them there when it changes them here.
var referents = []string{"ConfigMap", "Secret", "Service", "ServiceAccount", "PersistentVolumeClaim", "StorageClass", "PriorityClass"}

// build is one run of kustomize.
type build struct {
	*Workspace
	scope        scope
	reads, bytes int
	// failure is why a kustomization could not be given to kustomize, nil where
	// all could.
	failure error
}

// everything reports whether no document is left out.
func (b *build) everything() bool { return b.scope == whole || b.scope == entire }

// includes reports whether documents of a kind are part of the build.
func (b *build) includes(kind string) bool {
	return b.everything() || b.Wanted(kind) || b.scope == needed && slices.Contains(referents, kind)
}

// run builds. A panic of kustomize is an error like others.
func (b *build) run(dir string) (made resmap.ResMap, err error) {
	defer hush()()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("kustomize failed: %v", p)
		}
	}()
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone // the file system decides
	made, err = krusty.MakeKustomizer(options).Run(&confined{filesys.MakeFsOnDisk(), b}, dir)
	if err != nil && b.failure != nil { // kustomize says something else then
		err = b.failure
	}
	return made, err
}

// rewrittenOnce is a kustomization as builds see it.
func (b *build) rewrittenOnce(k *Kustomization) ([]byte, error) {
	key := rewriteKey{k, b.scope}
	b.mu.Lock()
	text, ok := b.rewritten[key]
	b.mu.Unlock()
	if ok {
		return text, nil
	}
	text, err := b.rewrite(k)
	if err != nil {
		b.failure = fmt.Errorf("%s: %w", k.File.Path, err)
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rewritten == nil {
		b.rewritten = map[rewriteKey][]byte{}
	}
	b.rewritten[key] = text
	return text, nil
}

// maxCopied bounds the bytes that the copy operations of one JSON patch come to:
// sixty of them can double an object sixty times.
const maxCopied = 1 << 24

// quiet counts the builds that run, so that the last one gives back what the
// first one took.
var quiet struct {
	sync.Mutex
	builds int
	stderr *os.File
}

// hush keeps kustomize, which writes its warnings where no caller can stop it,
// from writing, and anything in this process from using the network. It
// returns what ends that.
func hush() (end func()) {
	quiet.Lock()
	defer quiet.Unlock()
	if quiet.builds++; quiet.builds == 1 {
		http.DefaultTransport = noNetwork{}
		log.SetOutput(io.Discard)
		jsonpatch.AccumulatedCopySizeLimit = maxCopied
		quiet.stderr = os.Stderr
		if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
			os.Stderr = null
		}
	}
	return func() {
		quiet.Lock()
		defer quiet.Unlock()
		if quiet.builds--; quiet.builds == 0 && os.Stderr != quiet.stderr {
			_ = os.Stderr.Close() // of the null device
			os.Stderr = quiet.stderr
		}
	}
}

// noNetwork refuses every request: all that a build may read lies in the tree.
type noNetwork struct{}

func (noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, errors.New("no network: " + r.URL.Redacted())
}

// marks are what an error may show of ours.
var marks = regexp.MustCompile(regexp.QuoteMeta(markPrefix) + `\d+:?\s?`)

// tidy is what kustomize says, in one line.
func tidy(err error) string {
	const most = 400
	text := strings.Join(strings.Fields(marks.ReplaceAllString(err.Error(), "")), " ")
	// The innermost of several errors is what happened.
	if i := strings.LastIndex(text, "recursed accumulation of path "); i > 0 {
		text = text[i+len("recursed accumulation of path "):]
	}
	// What follows is a second attempt, to take a file for a directory.
	if i := strings.Index(text, "': must build at directory"); i > 0 {
		text = text[:i]
	}
	for _, noise := range []string{"accumulating resources: ", "accumulation err='", "accumulating resources from "} {
		text = strings.ReplaceAll(text, noise, "")
	}
	if len(text) > most {
		text = text[:most] + "..."
	}
	return text
}
