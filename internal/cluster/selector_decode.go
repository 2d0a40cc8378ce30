package cluster

import (
	"go.yaml.in/yaml/v4"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/egresslint/egresslint/internal/manifest/node"
)

// labels checks keys and values. What it returns holds placeholders too.
func (d *policyDecoder) labels(n *yaml.Node, what string) map[string]string {
	texts := d.texts(n, what)
	if texts == nil {
		return nil
	}
	for p := range node.Pairs(n) {
		key, value := p.Key.Value, texts[p.Key.Value]
		if !unknownText(key, validation.IsQualifiedName) {
			d.check(p.Key, "the label", key, validation.IsQualifiedName)
		}
		if !unknownText(value, validation.IsValidLabelValue) {
			d.check(p.Value, "label "+key+" with the value", value, validation.IsValidLabelValue)
		}
	}
	return texts
}

// everything is the selector of every object.
func (d *policyDecoder) everything() *Selector { return d.compile(nil, &metav1.LabelSelector{}, false) }

// selector reads a label selector. It is never nil.
func (d *policyDecoder) selector(n *yaml.Node, what string) *Selector {
	var written metav1.LabelSelector
	obscure := false
	for key, value := range d.fields(n, what, selectorKeys) {
		switch key {
		case "matchLabels":
			labels := newLabels(d.labels(value, key))
			written.MatchLabels = labels.Known
			obscure = obscure || len(labels.Obscure) > 0 || labels.Open
		case "matchExpressions":
			for _, item := range d.list(value, key) {
				if e, ok := d.expression(item); ok {
					written.MatchExpressions = append(written.MatchExpressions, e)
				} else {
					obscure = true
				}
			}
		}
	}
	return d.compile(n, &written, obscure)
}

// expression reads one entry of matchExpressions. It is false for a problem
// and where a value is not known.
func (d *policyDecoder) expression(n *yaml.Node) (e metav1.LabelSelectorRequirement, ok bool) {
	before := d.state()
	known := true
	for key, value := range d.fields(n, "a match expression", expressionKeys) {
		switch key {
		case "key":
			e.Key, _ = d.text(value, key)
			known = known && !unknownText(e.Key, validation.IsQualifiedName)
			if known && e.Key != "" {
				d.check(value, "the label", e.Key, validation.IsQualifiedName)
			}
		case "operator":
			text, _ := d.choice(value, key, operators)
			e.Operator = metav1.LabelSelectorOperator(text)
		case "values":
			for _, item := range d.list(value, key) {
				text, _ := d.text(item, "a value")
				known = known && !unknownText(text, validation.IsValidLabelValue)
				if known {
					d.check(item, "the value", text, validation.IsValidLabelValue)
				}
				e.Values = append(e.Values, text)
			}
		}
	}
	if d.state() == before {
		d.complete(n, &e)
	}
	return e, known && d.state() == before
}

// complete checks that the parts of a match expression fit together.
func (d *policyDecoder) complete(n *yaml.Node, e *metav1.LabelSelectorRequirement) {
	compares := e.Operator == metav1.LabelSelectorOpIn || e.Operator == metav1.LabelSelectorOpNotIn
	switch {
	case e.Key == "":
		d.fail(n, "a match expression without key")
	case e.Operator == "":
		d.fail(n, "a match expression without operator")
	case compares && len(e.Values) == 0:
		d.fail(n, "operator %s without values", e.Operator)
	case !compares && len(e.Values) > 0:
		d.fail(n, "operator %s takes no values", e.Operator)
	}
}

func (d *policyDecoder) compile(n *yaml.Node, written *metav1.LabelSelector, obscure bool) *Selector {
	if len(d.problems) > 0 {
		return &Selector{} // the policy is refused: what it selects does not matter
	}
	s, err := compile(written)
	if err != nil {
		d.fail(n, "%v", err)
		return &Selector{}
	}
	if obscure {
		s.Obscure, s.Key = true, s.Key+"?"
	}
	if known, ok := d.compiled[s.Key]; ok {
		return known
	}
	d.compiled[s.Key] = s
	return s
}
