package cli

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"github.com/spf13/cobra"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/netpol"
	"github.com/egresslint/egresslint/internal/source"
)

type mapFlags struct {
	treeFlags

	format string
	ips    []string
}

func (p *program) mapCommand() *cobra.Command {
	var flags mapFlags
	c := &cobra.Command{
		Use:   "map [flags] [PATH...]",
		Short: "show what the policies allow between workloads, and to and from addresses",
		Long: `For each ordered pair of workloads, and of a workload and an address given with
--ip, show what the source may send (egress) and what the destination accepts
(ingress), each by itself: a connection needs both. Pairs with nothing on either
side are left out. Ports that are allowed only perhaps are marked with "?".`,
		Example: "  egresslint map --ip 8.8.8.8 ./k8s",
		Args:    cobra.ArbitraryArgs,
		RunE:    func(_ *cobra.Command, paths []string) error { return p.showMap(paths, &flags) },
	}
	c.Flags().StringVarP(&flags.format, "format", "f", "text", "print the map in this `FORMAT`: json, text")
	c.Flags().StringArrayVar(&flags.ips, "ip", nil, "show an `ADDRESS` outside the cluster too; may be given several times")
	flags.addTo(c.Flags())
	return withoutUsage(c)
}

func (p *program) showMap(paths []string, flags *mapFlags) error {
	var addrs []netip.Addr
	for _, text := range flags.ips {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("--ip %q is no address", text)
		}
		addrs = append(addrs, addr)
	}
	write, ok := map[string]func(*bufio.Writer, *netpol.Engine, []netip.Addr) error{"json": mapJSON, "text": mapText}[flags.format]
	if !ok {
		return fmt.Errorf("--format %q is not one of json, text", flags.format)
	}
	tree, views, err := p.load(paths, &flags.treeFlags)
	if err != nil {
		return err
	}
	if len(views) > 1 {
		return fmt.Errorf("there are %d views, and a map is of one: choose with --view; %s", len(views), known(views))
	}
	if err := p.trouble(tree, views); err != nil {
		return err
	}
	b := bufio.NewWriter(p.stdout)
	if err := write(b, netpol.New(views[0]), addrs); err != nil {
		return err
	}
	return b.Flush()
}

// trouble says on standard error what could not be read, and what is left out.
func (p *program) trouble(tree *manifest.Tree, views []*cluster.View) error {
	read, err := lint.Run(tree, views, nil, nil)
	if err != nil {
		return err
	}
	for _, problem := range read.Problems {
		p.raise(ExitTrouble)
		problem.Path = source.PrintablePath(problem.Path)
		fmt.Fprintln(p.stderr, problem.Error())
	}
	for _, note := range read.Notes {
		fmt.Fprintf(p.stderr, "not analysed: %s (%d)\n", note.Reason, note.Count)
	}
	return nil
}

// jsonFlow is a Flow in JSON. Unknown is left out where all is known.
type jsonFlow struct {
	From    string       `json:"from"`
	To      string       `json:"to"`
	Egress  []string     `json:"egress"`
	Ingress []string     `json:"ingress"`
	Unknown *jsonUnknown `json:"unknown,omitempty"`
}

type jsonUnknown struct {
	Egress  []string `json:"egress"`
	Ingress []string `json:"ingress"`
}

func mapJSON(b *bufio.Writer, e *netpol.Engine, addrs []netip.Addr) error {
	separator := "\n  "
	fmt.Fprint(b, `{"flows": [`)
	for f := range e.Flows(addrs) {
		egress, ingress := side(f.Egress), side(f.Ingress)
		flow := jsonFlow{From: f.From, To: f.To, Egress: portList(egress.Sure), Ingress: portList(ingress.Sure)}
		if !egress.Unknown.Empty() || !ingress.Unknown.Empty() {
			flow.Unknown = &jsonUnknown{portList(egress.Unknown), portList(ingress.Unknown)}
		}
		text, err := json.Marshal(flow)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "%s%s", separator, text)
		separator = ",\n  "
	}
	_, err := fmt.Fprintln(b, "\n]}")
	return err
}

// side is what one side allows; that of an address is empty.
func side(a *netpol.Allowed) netpol.Allowed {
	if a == nil {
		return netpol.Allowed{}
	}
	return *a
}

// portList is never nil: a list in JSON is not null.
func portList(p netpol.Ports) []string { return append([]string{}, p.List()...) }

// mapText writes a table. The widths of its first columns are known before the
// first flow, so that nothing is held back.
func mapText(b *bufio.Writer, e *netpol.Engine, addrs []netip.Addr) error {
	width := len("FROM")
	for _, id := range e.Endpoints(addrs) {
		width = max(width, len(id))
	}
	row := func(from, to, egress, ingress string) {
		line := fmt.Sprintf("%-*s  %-*s  %-24s  %s", width, source.Printable(from), width, source.Printable(to), egress, ingress)
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
	row("FROM", "TO", "EGRESS", "INGRESS")
	for f := range e.Flows(addrs) {
		row(f.From, f.To, allowedText(f.Egress), allowedText(f.Ingress))
	}
	return nil
}

// allowedText is ports for the table: "-" for none, "?" behind what is unknown,
// and nothing for an address, which has no policies.
func allowedText(a *netpol.Allowed) string {
	if a == nil {
		return ""
	}
	return cmp.Or(a.String(), "-")
}
