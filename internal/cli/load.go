package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
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
	stdinName    string
}

func (t *treeFlags) addTo(f *pflag.FlagSet) {
	f.StringVar(&t.config, "config", "", "read the settings from this `FILE`, not from the nearest "+config.FileName)
	f.StringVar(&t.view, "view", "", "look at the view of this `NAME` only; egresslint views lists them")
	f.BoolVar(&t.allowOutside, "allow-outside", false, "let kustomizations use files outside the paths given")
	f.StringArrayVar(&t.helmValues, "helm-values", nil, "render charts with this values `FILE` too; may be given several times")
	f.BoolVar(&t.noHelm, "no-helm", false, "do not render charts")
	f.StringVar(&t.stdinName, "stdin-filename", "", "read standard input in the place of this `FILE`, which need not exist")
}

// load reads the paths; none stand for those of the settings.
func (p *program) load(paths []string, flags *treeFlags) (*manifest.Tree, []*cluster.View, error) {
	settings, paths, err := flags.settings(paths)
	if err != nil {
		return nil, nil, err
	}
	tree, err := p.tree(paths, flags, settings)
	if err != nil {
		return nil, nil, err
	}
	views, err := flags.views(tree, clusterSettings(settings))
	return tree, views, err
}

// tree reads the files.
func (p *program) tree(paths []string, flags *treeFlags, settings *config.Config) (*manifest.Tree, error) {
	options := manifest.Options{Wanted: cluster.Wanted, AllowOutside: flags.allowOutside, NoHelm: flags.noHelm}
	for _, file := range flags.helmValues {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("--helm-values: %w", err)
		}
		options.HelmValues = append(options.HelmValues, helm.Values{Name: file, Text: text})
	}
	listing := source.Walk(paths, p.stdin).Without(settings.Excludes)
	if flags.stdinName != "" {
		listing = listing.Named(flags.stdinName)
	}
	return manifest.Load(listing, options), nil
}

// settings are those of the file that was named, or that holds for the first
// path, and the paths to read: those given, or else those of the settings.
func (t *treeFlags) settings(paths []string) (*config.Config, []string, error) {
	if slices.Contains(paths, "") {
		return nil, nil, errors.New("an empty path: write . for the working directory")
	}
	if t.stdinName != "" && !slices.Contains(paths, source.Stdin) {
		return nil, nil, errors.New("--stdin-filename names what is read from standard input: give the path - too")
	}
	file := t.config
	if file == "" {
		file = config.Find(t.place(paths))
	}
	settings := &config.Config{}
	if file != "" {
		var err error
		if settings, err = config.Load(file); err != nil {
			return nil, nil, err
		}
	}
	if len(paths) > 0 {
		return settings, paths, nil
	}
	for _, path := range settings.Paths {
		paths = append(paths, source.Shown(filepath.Join(settings.Dir(), filepath.FromSlash(path))))
	}
	if len(paths) == 0 {
		paths = []string{"."}
	}
	return settings, paths, nil
}

// place is the path that the settings have to hold for.
func (t *treeFlags) place(paths []string) string {
	switch {
	case len(paths) == 0:
		return "."
	case paths[0] != source.Stdin:
		return paths[0]
	default:
		return cmp.Or(t.stdinName, ".")
	}
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
	return cluster.Settings{Views: spelled, DNS: nameservers(settings.DNS), Exempt: settings.Exempt, Plugin: plugin(&settings.Plugin)}
}

// plugin is what the settings say of the network plugin.
func plugin(p *config.Plugin) cluster.Plugin {
	known := cluster.Plugin{CoversPods: p.IPBlocksCoverPods}
	for _, cidr := range p.PodCIDRs {
		known.PodCIDRs = append(known.PodCIDRs, netip.MustParsePrefix(cidr)) // it was checked
	}
	return known
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
