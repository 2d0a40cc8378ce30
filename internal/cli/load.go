package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/config"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/manifest/helm"
	"github.com/egresslint/egresslint/internal/source"
)

// treeFlags say how a tree is read. Every command that reads one has them.
type treeFlags struct {
	config       string
	view         string
	allowOutside bool
	helmValues   []string
	noHelm       bool
}

func (t *treeFlags) addTo(f *pflag.FlagSet) {
	f.StringVar(&t.config, "config", "", "read the settings from this `FILE`, not from the nearest "+config.FileName)
	f.StringVar(&t.view, "view", "", "look at the view of this `NAME` only; egresslint views lists them")
	f.BoolVar(&t.allowOutside, "allow-outside", false, "let kustomizations use files outside the paths given")
	f.StringArrayVar(&t.helmValues, "helm-values", nil, "render charts with this values `FILE` too; may be given several times")
	f.BoolVar(&t.noHelm, "no-helm", false, "do not render charts")
}

// load reads the paths; none stand for the working directory.
func (p *program) load(paths []string, flags *treeFlags) (*manifest.Tree, []*cluster.View, error) {
	settings, err := flags.settings(paths)
	if err != nil {
		return nil, nil, err
	}
	tree, err := p.tree(paths, flags)
	if err != nil {
		return nil, nil, err
	}
	views, err := flags.views(tree, clusterSettings(settings))
	return tree, views, err
}

// tree reads the files.
func (p *program) tree(paths []string, flags *treeFlags) (*manifest.Tree, error) {
	if len(paths) == 0 {
		paths = []string{"."}
	}
	options := manifest.Options{Wanted: cluster.Wanted, AllowOutside: flags.allowOutside, NoHelm: flags.noHelm}
	for _, file := range flags.helmValues {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("--helm-values: %w", err)
		}
		options.HelmValues = append(options.HelmValues, helm.Values{Name: file, Text: text})
	}
	return manifest.Load(source.Walk(paths, p.stdin), options), nil
}

// settings are those of the file that was named, or that holds for the first
// path.
func (t *treeFlags) settings(paths []string) (*config.Config, error) {
	if slices.Contains(paths, "") {
		return nil, errors.New("an empty path: write . for the working directory")
	}
	file := t.config
	if file == "" {
		at := "."
		if len(paths) > 0 && paths[0] != source.Stdin {
			at = paths[0]
		}
		if file = config.Find(at); file == "" {
			return &config.Config{}, nil
		}
	}
	return config.Load(file)
}

// views are those of the tree, or the one that is asked for.
func (t *treeFlags) views(tree *manifest.Tree, s cluster.Settings) ([]*cluster.View, error) {
	views := cluster.Views(tree, s)
	if t.view == "" {
		return views, nil
	}
	i := slices.IndexFunc(views, func(v *cluster.View) bool { return v.Name == t.view })
	if i < 0 {
		return nil, fmt.Errorf("--view: there is no view %q; %s", t.view, known(views))
	}
	return views[i : i+1], nil
}

// clusterSettings is what the settings say of clusters.
func clusterSettings(settings *config.Config) cluster.Settings {
	spelled := make([]cluster.Spelled, len(settings.Views))
	for i := range settings.Views {
		v := &settings.Views[i]
		spelled[i] = cluster.Spelled{Name: v.Name, Holds: func(path string) bool { return settings.Holds(v, path) }}
	}
	return cluster.Settings{Views: spelled, DNS: nameservers(settings.DNS)}
}

// nameservers are those of the settings.
func nameservers(all config.DNS) []cluster.Nameserver {
	var servers []cluster.Nameserver
	for _, s := range all {
		servers = append(servers, map[string][]cluster.Nameserver{
			config.CoreDNS: cluster.CoreDNS, config.NodeLocalDNS: cluster.NodeLocalDNS, config.OpenShiftDNS: cluster.OpenShiftDNS,
			"": {{Namespace: s.Namespace, Pods: s.Pods, CIDR: s.CIDR, Port: s.Port}},
		}[s.Preset]...)
	}
	return servers
}

// known lists the views by name.
func known(views []*cluster.View) string {
	if len(views) == 1 && views[0].Name == "" {
		return "the tree has only one, which has no name"
	}
	names := make([]string, len(views))
	for i, v := range views {
		names[i] = v.Name
	}
	return "there are " + strings.Join(names, ", ")
}
