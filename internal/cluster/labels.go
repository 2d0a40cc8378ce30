package cluster

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/egresslint/egresslint/internal/manifest/node"
)

// Presence tells what is known of one label of an object.
type Presence uint8

const (
	// Absent means that the object does not have the label.
	Absent Presence = iota
	// Present means that it has the label, with a value that is known.
	Present
	// Obscure means that it may have the label, with a value that is not known.
	Obscure
)

// Labels are the labels of a pod or a namespace as far as the tree tells them.
// The zero value has none. Labels are not changed once they are in a View.
type Labels struct {
	// Known are the labels whose values are written in the tree.
	Known map[string]string
	// Obscure are keys that may be there, with a value that the tree does not
	// tell: placeholders, and what controllers add.
	Obscure []string
	// Without are keys that are known to be absent although Open is set.
	Without []string
	// Open means that any other key may be there too.
	Open bool
}

// Get tells what is known of one label. The value is "" unless it is Present.
func (l *Labels) Get(key string) (value string, p Presence) {
	if value, ok := l.Known[key]; ok {
		return value, Present
	}
	switch {
	case slices.Contains(l.Without, key):
		return "", Absent
	case l.Open, slices.Contains(l.Obscure, key):
		return "", Obscure
	default:
		return "", Absent
	}
}

// Key is a text that is the same for equal labels and no others.
func (l *Labels) Key() string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(l.Known)) {
		b.WriteString(strconv.Quote(key) + "=" + strconv.Quote(l.Known[key]) + ",")
	}
	for _, list := range []struct {
		mark string
		keys []string
	}{{"?", l.Obscure}, {"!", l.Without}} {
		for _, key := range slices.Sorted(slices.Values(list.keys)) {
			b.WriteString(list.mark + strconv.Quote(key) + ",")
		}
	}
	if l.Open {
		b.WriteString("*")
	}
	return b.String()
}

// unknownText reports whether a key or a value is a placeholder. A word in
// capitals is one only where the API server would refuse it: labels may have
// capitals.
func unknownText(text string, check func(string) []string) bool {
	return node.Placeholder(text) || node.PlaceholderName(text) && len(check(text)) > 0
}

// newLabels sorts what is written into known and obscure labels. A key that is
// a placeholder may be any.
func newLabels(written map[string]string) Labels {
	l := Labels{Known: map[string]string{}}
	for key, value := range written {
		switch {
		case unknownText(key, validation.IsQualifiedName):
			l.Open = true
		case unknownText(value, validation.IsValidLabelValue):
			l.Obscure = append(l.Obscure, key)
		default:
			l.Known[key] = value
		}
	}
	slices.Sort(l.Obscure)
	return l
}

// labelsOf reads the labels of an object without checking them.
func labelsOf(object *yaml.Node) Labels {
	n := node.Resolve(node.Field(node.Field(object, "metadata"), "labels"))
	if node.IsNull(n) {
		return Labels{Known: map[string]string{}}
	}
	if n.Kind != yaml.MappingNode || inBraces(n) {
		return Labels{Known: map[string]string{}, Open: true}
	}
	written := map[string]string{}
	for p := range node.Pairs(n) {
		written[p.Key.Value] = node.Text(p.Value)
		if value := node.Resolve(p.Value); value != nil && value.Kind != yaml.ScalarNode {
			written[p.Key.Value] = "{{}}" // a placeholder without quotes
		}
	}
	return newLabels(written)
}

// obscure makes the value of a key unknown.
func (l *Labels) obscure(key string) {
	delete(l.Known, key)
	if !slices.Contains(l.Obscure, key) {
		l.Obscure = append(l.Obscure, key)
		slices.Sort(l.Obscure)
	}
}

// merge leaves known in l only what other has too. It is for objects of which
// one will be in the cluster, and nobody knows which.
func (l *Labels) merge(other *Labels) {
	for key, value := range l.Known {
		if rival, ok := other.Known[key]; !ok || rival != value {
			l.obscure(key)
		}
	}
	for key := range other.Known {
		if _, ok := l.Known[key]; !ok {
			l.obscure(key)
		}
	}
	for _, key := range other.Obscure {
		l.obscure(key)
	}
	l.Open = l.Open || other.Open
}
