package config

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// The names of nameservers that clusters commonly have.
const (
	CoreDNS      = "coredns"
	NodeLocalDNS = "nodelocal"
	OpenShiftDNS = "openshift"
)

// DNS is what answers DNS in the cluster: one nameserver, or a list of them.
type DNS []Nameserver

// Nameserver is a name, or a mapping with what to allow: pods with labels in a
// namespace, or a block of addresses.
type Nameserver struct {
	// Preset is one of the names above, "" for a mapping.
	Preset string `yaml:"-"`
	// Namespace is where the pods run that have all the labels of Pods.
	Namespace string            `yaml:"namespace,omitempty"`
	Pods      map[string]string `yaml:"pods,omitempty"`
	// CIDR is a block of addresses, as "169.254.20.10/32".
	CIDR string `yaml:"cidr,omitempty"`
	// Port is the port on which the pods themselves listen; 0 stands for 53.
	Port int32 `yaml:"port,omitempty"`
}

// UnmarshalYAML takes one nameserver for a list of one.
func (d *DNS) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.SequenceNode {
		n = &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{n}}
	}
	for _, item := range n.Content {
		var s Nameserver
		var err error
		switch item.Kind {
		case yaml.ScalarNode:
			err = item.Load(&s.Preset)
		case yaml.MappingNode:
			err = item.Load(&s, yaml.WithKnownFields())
		default:
			err = fmt.Errorf("line %d: a nameserver is a name or a mapping", item.Line)
		}
		if err != nil {
			return err
		}
		*d = append(*d, s)
	}
	return nil
}

// MarshalYAML writes a nameserver as UnmarshalYAML reads it.
func (s Nameserver) MarshalYAML() (any, error) {
	if s.Preset != "" {
		return s.Preset, nil
	}
	type plain Nameserver
	return plain(s), nil
}

// check looks for what no rule can be made of.
func (s *Nameserver) check() error {
	presets := []string{CoreDNS, NodeLocalDNS, OpenShiftDNS}
	switch {
	case s.Preset != "" && !slices.Contains(presets, s.Preset):
		return fmt.Errorf("%q is not one of %s", s.Preset, strings.Join(presets, ", "))
	case s.Preset != "":
		return nil
	case s.CIDR != "" && (s.Namespace != "" || len(s.Pods) > 0), s.CIDR == "" && (s.Namespace == "" || len(s.Pods) == 0):
		return errors.New("a nameserver has either namespace and pods, or cidr")
	case s.Port < 0 || s.Port > 65535:
		return fmt.Errorf("%d is no port", s.Port)
	}
	if s.Port == 0 {
		s.Port = 53
	}
	if s.CIDR != "" {
		if _, err := netip.ParsePrefix(s.CIDR); err != nil {
			return fmt.Errorf("%q is no block of addresses", s.CIDR)
		}
	}
	return nil
}
