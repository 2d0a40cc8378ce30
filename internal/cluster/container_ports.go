package cluster

import (
	"strconv"

	"go.yaml.in/yaml/v4"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/egresslint/egresslint/internal/manifest/node"
)

// Port is a port that a container declares.
type Port struct {
	// Name is "" where the port has none.
	Name     string
	Protocol corev1.Protocol
	Number   int32
}

// ports reads the container ports of a pod. What is no port is left out, as no
// policy can name it; more means that there may be others with names.
func ports(spec *yaml.Node) (all []Port, more bool) {
	seen := map[*yaml.Node]bool{} // by aliases, little text can be many equal lists
	for _, container := range node.Items(node.Field(spec, "containers")) {
		list := node.Field(container, "ports")
		more = more || !mapping(container) || !node.IsNull(list) && list.Kind != yaml.SequenceNode
		if seen[list] {
			continue
		}
		seen[list] = true
		for _, item := range node.Items(list) {
			p, known := portOf(item)
			more = more || !known
			if known && p.Number != 0 {
				all = append(all, p)
			}
		}
	}
	return all, more || sidecarPort(spec)
}

// mapping holds for a mapping that is no placeholder.
func mapping(n *yaml.Node) bool {
	n = node.Resolve(n)
	return n != nil && n.Kind == yaml.MappingNode && !inBraces(n)
}

// portOf reads one port, whose number is 0 for what is none. It is false where
// a placeholder stands for part of it.
func portOf(item *yaml.Node) (p Port, known bool) {
	if !mapping(item) {
		return p, false
	}
	for _, key := range []string{"containerPort", "name", "protocol"} {
		n := node.Field(item, key)
		if n == nil {
			continue
		}
		placeholder := node.Placeholder(n.Value) || key != "protocol" && node.PlaceholderName(n.Value)
		if placeholder || n.Kind != yaml.ScalarNode {
			return p, false
		}
	}
	p = Port{node.Text(node.Field(item, "name")), corev1.ProtocolTCP, portNumber(node.Text(node.Field(item, "containerPort")))}
	if protocol := node.Text(node.Field(item, "protocol")); protocol != "" {
		p.Protocol = corev1.Protocol(protocol)
	}
	return p, true
}

// sidecarPort reports whether an init container that stays has a named port.
// Network plugins differ in whether a policy can name it.
func sidecarPort(spec *yaml.Node) bool {
	for _, c := range node.Items(node.Field(spec, "initContainers")) {
		if node.Text(node.Field(c, "restartPolicy")) != "Always" {
			continue
		}
		for _, item := range node.Items(node.Field(c, "ports")) {
			if node.Text(node.Field(item, "name")) != "" {
				return true
			}
		}
	}
	return false
}

// portNumber reads a container port, 0 for what is none.
func portNumber(text string) int32 {
	n, err := strconv.ParseInt(text, 0, 32)
	if err != nil || len(validation.IsValidPortNum(int(n))) > 0 {
		return 0
	}
	return int32(n)
}
