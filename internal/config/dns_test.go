package config_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/egresslint/egresslint/internal/config"
)

func TestDNS(t *testing.T) {
	for _, tt := range []struct {
		text string
		want config.DNS
	}{
		{"views: []", nil},
		{"dns: openshift", config.DNS{{Preset: config.OpenShiftDNS}}},
		{"dns: [nodelocal, coredns]", config.DNS{{Preset: config.NodeLocalDNS}, {Preset: config.CoreDNS}}},
		{"dns: {namespace: dns, pods: {app: unbound}}", config.DNS{{Namespace: "dns", Pods: map[string]string{"app": "unbound"}, Port: 53}}},
		{"dns:\n- cidr: 10.0.0.10/32\n  port: 5353\n- coredns", config.DNS{{CIDR: "10.0.0.10/32", Port: 5353}, {Preset: config.CoreDNS}}},
	} {
		file := filepath.Join(t.TempDir(), config.FileName)
		write(t, file, tt.text+"\n")
		c, err := config.Load(file)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if !reflect.DeepEqual(c.DNS, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.text, c.DNS, tt.want)
		}
	}
}

func TestDNSErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"dns: kubedns", `"kubedns" is not one of coredns, nodelocal, openshift`},
		{"dns: {namespace: dns}", "either namespace and pods, or cidr"},
		{"dns: {cidr: 10.0.0.10/32, pods: {a: b}}", "either namespace and pods, or cidr"},
		{"dns: {cidr: 10.0.0.10}", "no block of addresses"},
		{"dns: {cidr: 10.0.0.10/32, port: 70000}", "no port"},
		{"dns: {cidr: 10.0.0.10/32, prot: 53}", "prot"},
		{"dns: [[coredns]]", "line 1: a nameserver is a name or a mapping"},
	} {
		file := filepath.Join(t.TempDir(), config.FileName)
		write(t, file, tt.text+"\n")
		_, err := config.Load(file)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.text, err, tt.want)
		}
	}
}
