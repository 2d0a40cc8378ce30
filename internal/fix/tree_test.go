package fix_test

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"golang.org/x/tools/txtar"

	"github.com/egresslint/egresslint/internal/cluster"
	"github.com/egresslint/egresslint/internal/fix"
	"github.com/egresslint/egresslint/internal/lint"
	"github.com/egresslint/egresslint/internal/manifest"
	"github.com/egresslint/egresslint/internal/netpol"
	"github.com/egresslint/egresslint/internal/source"
	"github.com/egresslint/egresslint/rules"
)

// linter lints with some servers of DNS.
func linter(dns []cluster.Nameserver) fix.Linter {
	return func(tree *manifest.Tree, before *fix.State) (*fix.State, error) {
		s := cluster.Settings{Fixes: before == nil, DNS: dns}
		var found *lint.Result
		if before != nil {
			s.Before, found = before.Views, before.Result
		}
		views := cluster.Views(tree, s)
		result, err := lint.Run(tree, views, rules.All, found)
		return &fix.State{Tree: tree, Views: views, Result: result}, err
	}
}

// bench is a working directory with a tree, and how it is linted.
type bench struct {
	*testing.T

	lint fix.Linter
}

// newBench makes a directory with the files of an archive the working directory.
func newBench(t *testing.T, archive []byte) *bench {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, f := range txtar.Parse(archive).Files {
		put(t, f.Name, f.Data)
	}
	return &bench{t, linter(nil)}
}

func put(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// read reads the working directory anew and lints it.
func (b *bench) read() *fix.State {
	b.Helper()
	tree := manifest.Load(source.Walk([]string{"."}, nil), manifest.Options{Wanted: cluster.Wanted, NoHelm: true})
	s, err := b.lint(tree, nil)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// proved is the working directory with the fixes that are offered.
func (b *bench) proved() *fix.State {
	b.Helper()
	s := b.read()
	if err := fix.Prove(s, b.lint); err != nil {
		b.Fatal(err)
	}
	return s
}

// spliced is a text with the edits of a fix that are of its file.
func spliced(src []byte, file string, edits []source.Edit) []byte {
	var out []byte
	at := 0
	for _, e := range edits {
		if e.File.Real == file {
			out = append(append(out, src[at:e.From]...), e.New...)
			at = e.To
		}
	}
	return append(out, src[at:]...)
}

// with runs f while the files have the edits of a fix.
func (b *bench) with(edits []source.Edit, f func()) {
	b.Helper()
	before := map[string][]byte{}
	for _, e := range edits {
		name := e.File.Real
		if _, done := before[name]; done {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil && len(e.File.Src) > 0 {
			b.Fatal(err)
		}
		if !bytes.Equal(src, e.File.Src) {
			b.Fatalf("%s is not what the edit is about", name)
		}
		before[name] = src
		put(b.T, name, spliced(src, name, edits))
	}
	f()
	for name, src := range before {
		if src == nil {
			if err := os.Remove(name); err != nil {
				b.Fatal(err)
			}
			continue
		}
		put(b.T, name, src)
	}
}

// counted counts texts.
func counted(all []string) map[string]int {
	counts := map[string]int{}
	for _, text := range all {
		counts[text]++
	}
	return counts
}

func identities(r *lint.Result) []string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, f.Identity())
	}
	return all
}

func problems(r *lint.Result) []string {
	var all []string
	for _, p := range r.Problems {
		all = append(all, p.Path+": "+p.Message)
	}
	return all
}

// broughtUp are the findings of one result that another has not, neither by their
// identity nor at the same text: an object that is applied now has a namespace,
// and what was one finding may be two.
func broughtUp(before, after *lint.Result) []string {
	spot := func(f *lint.Finding) string {
		return strings.Join([]string{f.Rule.Code, f.At.File.Path, f.Object.Kind, f.Object.Name, f.At.Text()}, "\x00")
	}
	known := map[string]bool{}
	for _, f := range before.Findings {
		known[f.Identity()], known[spot(f)] = true, true
	}
	var all []string
	for _, f := range after.Findings {
		if !known[f.Identity()] && !known[spot(f)] {
			all = append(all, f.Identity())
		}
	}
	return all
}

// moreLeftOut are the reasons for which one result leaves out more than another.
func moreLeftOut(before, after *lint.Result) []string {
	count := map[string]int{}
	for _, n := range before.Notes {
		count[n.Reason] = n.Count
	}
	var all []string
	for _, n := range after.Notes {
		if n.Kind == lint.Skipped && n.Count > count[n.Reason] {
			all = append(all, fmt.Sprintf("%s %v", n.Reason, n.Places))
		}
	}
	return all
}

// alone applies one fix of a finding, reads everything anew, and looks whether
// that does what is promised. key names the fix in errors.
func (b *bench) alone(before *fix.State, f *lint.Finding, fixed *lint.Fix) {
	b.Helper()
	key := fmt.Sprintf("%s %s: %s", f.Rule.Code, f.Object.Qualified(), fixed.Title)
	mended := 0
	for _, g := range before.Result.Findings {
		if g.Identity() == f.Identity() && slices.ContainsFunc(g.Fixes, func(h lint.Fix) bool { return h.Same(fixed) }) {
			mended++
		}
	}
	for _, e := range fixed.Edits {
		within, from := f.Object.Span("spec", "egress"), f.Object.KeySpan("spec", "egress")
		if f.Object.Rendered() {
			within, from = f.Object.Written(within), f.Object.Written(from)
		}
		within.From = from.To
		switch gone := strings.TrimSpace(e.Text()); {
		case f.Rule.Code == "EGR004":
			if e.File.Real != within.File.Real || e.From < within.From || e.To > within.To+len(e.File.Line(within.End().Line))+1 {
				b.Errorf("%s: edits %d-%d, and the rules are at %d-%d", key, e.From, e.To, within.From, within.To)
			}
		case gone != "" && gone != "[]" && gone != "null" && gone != "~":
			b.Errorf("%s: takes away %q", key, gone)
		}
	}
	b.with(fixed.Edits, func() {
		after := b.read()
		old, now := counted(identities(before.Result)), counted(identities(after.Result))
		for _, what := range broughtUp(before.Result, after.Result) {
			b.Errorf("%s: brings up %q", key, what)
		}
		if now[f.Identity()] > old[f.Identity()]-mended {
			b.Errorf("%s: %d of its findings were there, %d are mended, and %d are there now", key, old[f.Identity()], mended, now[f.Identity()])
		}
		known := problems(before.Result)
		for _, p := range problems(after.Result) {
			if !slices.Contains(known, p) {
				b.Errorf("%s: brings up the error %s", key, p)
			}
		}
		for _, reason := range moreLeftOut(before.Result, after.Result) {
			b.Errorf("%s: not analysed any more: %s", key, reason)
		}
		if fixed.Safe && len(fixed.Changes) > 0 {
			b.Errorf("%s: is safe, and changes %q", key, fixed.Changes)
		}
		if len(after.Views) != len(before.Views) {
			b.Errorf("%s: makes %d views of %d", key, len(after.Views), len(before.Views))
			return
		}
		var lines []string
		for i, v := range before.Views {
			if after.Views[i].Name != v.Name {
				b.Errorf("%s: the view %q is %q now", key, v.Name, after.Views[i].Name)
			}
			lines = append(lines, fixed.Named[v.Name]...)
			for _, wrong := range differences(v, after.Views[i], fixed.Named[v.Name]) {
				b.Errorf("%s: view %q: %s\n\tchanges: %q", key, v.Name, wrong, fixed.Named[v.Name])
			}
		}
		if got, want := counted(lines), counted(fixed.Changes); len(got) != len(want) {
			b.Errorf("%s: the changes of the views are %q, not %q", key, lines, fixed.Changes)
		}
	})
}

// end is one side of the connections of a pod with another, or with an address.
type end struct {
	pod, other string
	d          cluster.Direction
}

// known is what a map says: for each side the ports that are open surely, and
// those that are open perhaps.
func known(v *cluster.View, addresses []netip.Addr) map[end]netpol.Allowed {
	all := map[end]netpol.Allowed{}
	for f := range netpol.New(v).Flows(addresses) {
		if f.Egress != nil {
			all[end{f.From, f.To, cluster.Egress}] = *f.Egress
		}
		if f.Ingress != nil {
			all[end{f.To, f.From, cluster.Ingress}] = *f.Ingress
		}
	}
	return all
}

// blocks are the prefixes that the policies of views name.
func blocks(views ...*cluster.View) []netip.Prefix {
	var all []netip.Prefix
	for _, v := range views {
		for _, p := range v.Policies {
			for _, r := range slices.Concat(p.Rules[0], p.Rules[1]) {
				for _, peer := range r.Peers {
					if peer.Block == nil {
						continue
					}
					for _, cidr := range append([]string{peer.Block.CIDR}, peer.Block.Except...) {
						if prefix, err := netip.ParsePrefix(cidr); err == nil && !slices.Contains(all, prefix.Masked()) {
							all = append(all, prefix.Masked())
						}
					}
				}
			}
		}
	}
	return all
}

// home is the smallest of some prefixes that holds an address.
func home(addr netip.Addr, all []netip.Prefix) (best netip.Prefix) {
	for _, p := range all {
		if p.Contains(addr) && (!best.IsValid() || p.Bits() > best.Bits()) {
			best = p
		}
	}
	return best
}

// differences compares two maps with the lines that say what differs, and says
// where they disagree.
func differences(before, after *cluster.View, texts []string) []string {
	prefixes := blocks(before, after)
	addresses := []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("10.77.1.2"), netip.MustParseAddr("2001:4860:4860::8888")}
	for _, p := range prefixes {
		addresses = append(addresses, p.Addr(), p.Addr().Next())
	}
	slices.SortFunc(addresses, netip.Addr.Compare)
	addresses = slices.Compact(addresses)
	names := netpol.New(before).Endpoints(addresses)
	if now := netpol.New(after).Endpoints(addresses); !slices.Equal(names, now) {
		return []string{fmt.Sprintf("the ends were %q and are %q", names, now)}
	}
	single := map[string]bool{}
	for _, w := range before.Workloads {
		single[w.ID()] = w.Kind == "Pod"
	}
	var wrong []string
	lines := make([]line, 0, len(texts))
	for _, text := range texts {
		l, err := parseLine(text)
		if err == nil {
			err = l.known(names)
		}
		if err != nil {
			wrong = append(wrong, err.Error())
		}
		lines = append(lines, l)
	}
	old, now := known(before, addresses), known(after, addresses)
	for _, pod := range names {
		if _, err := netip.ParseAddr(pod); err == nil {
			continue
		}
		for _, d := range []cluster.Direction{cluster.Ingress, cluster.Egress} {
			var mine []line
			for _, l := range lines {
				if l.d == d && l.pod == pod {
					mine = append(mine, l)
				}
			}
			for _, other := range names {
				if other == pod && single[pod] {
					continue // a pod always reaches itself
				}
				e := end{pod, other, d}
				if what := claimed(mine, other, prefixes, old[e], now[e]); what != "" {
					wrong = append(wrong, fmt.Sprintf("%s %s %s: %s (before %v, after %v)", pod, d, other, what, shown(old[e]), shown(now[e])))
				}
			}
		}
	}
	return wrong
}

func shown(a netpol.Allowed) string { return a.Sure.String() + " perhaps " + a.Unknown.String() }

func equal(a, b netpol.Ports) bool { return a.Within(b) && b.Within(a) }

// answers are what is said of one pair, in one line or in several.
type answers []netpol.Allowed

func (a answers) hold(want netpol.Allowed) bool {
	if len(a) == 0 {
		return want.Sure.Empty() && want.Unknown.Empty()
	}
	return slices.ContainsFunc(a, func(have netpol.Allowed) bool {
		return equal(have.Sure, want.Sure) && equal(have.Unknown, want.Unknown)
	})
}

// part is some others of a line, and their ports.
type part struct {
	// names are the others, or with but those that are not meant.
	everyone bool
	names    []string
	ports    answers
}

// line is one line of changes.
type line struct {
	text string
	sign byte
	pod  string
	d    cluster.Direction
	// everything is set for the change of all connections, but for the parts.
	everything bool
	parts      []part
}

var withPorts = func() *regexp.Regexp {
	const port = `(?:every port|every (?:TCP|UDP|SCTP) port|(?:TCP|UDP|SCTP)/\d+(?:-\d+)?)\??`
	return regexp.MustCompile(`^(.*?) (` + port + `(?:, ` + port + `)*)$`)
}()

func parseLine(text string) (line, error) {
	l := line{text: text, sign: text[0], d: cluster.Egress}
	fault := fmt.Errorf("cannot read the line %q", text)
	rest, ok := strings.CutPrefix(text[1:], " ")
	from, to, arrow := strings.Cut(rest, " -> ")
	if !ok || !arrow || l.sign != '+' && l.sign != '-' {
		return l, fault
	}
	l.pod = from
	other := to
	if end, ingress := strings.CutSuffix(to, " (ingress)"); ingress {
		l.d, l.pod, other = cluster.Ingress, end, from
		if m := withPorts.FindStringSubmatch(end); m != nil {
			l.pod, other = m[1], from+" "+m[2]
		}
	}
	if !strings.Contains(l.pod, "/") {
		l.pod = "/" + l.pod
	}
	kept, everything := strings.CutPrefix(other, "everything")
	if l.everything = everything; !everything {
		p, err := parsePart(other)
		l.parts = []part{p}
		return l, err
	}
	if kept == "" {
		return l, nil
	}
	kept, ok = strings.CutPrefix(kept, " but ")
	if !ok {
		return l, fault
	}
	for text := range strings.SplitSeq(kept, "; ") {
		p, err := parsePart(text)
		if err != nil {
			return l, err
		}
		l.parts = append(l.parts, p)
	}
	return l, nil
}

func parsePart(text string) (part, error) {
	m := withPorts.FindStringSubmatch(text)
	if m == nil {
		return part{}, fmt.Errorf("no ports in %q", text)
	}
	p := part{names: []string{m[1]}}
	if but, everyone := strings.CutPrefix(m[1], "everyone"); everyone {
		p.everyone = true
		p.names = strings.Split(strings.TrimPrefix(but, " but "), ", ")
	}
	for i, name := range p.names {
		if name != "" && !strings.ContainsAny(name, "/ ") {
			p.names[i] = "/" + name
		}
	}
	var ports netpol.Allowed
	for entry := range strings.SplitSeq(m[2], ", ") {
		entry, perhaps := strings.CutSuffix(entry, "?")
		some, err := parsePorts(entry)
		if err != nil {
			return p, err
		}
		if perhaps {
			ports.Unknown = ports.Unknown.Union(some)
		} else {
			ports.Sure = ports.Sure.Union(some)
		}
	}
	p.ports = answers{ports}
	return p, nil
}

func parsePorts(text string) (netpol.Ports, error) {
	if text == "every port" {
		return netpol.AllPorts, nil
	}
	if protocol, ok := strings.CutPrefix(text, "every "); ok {
		return netpol.PortsOf(corev1.Protocol(strings.TrimSuffix(protocol, " port")), 1, netpol.MaxPort), nil
	}
	protocol, numbers, _ := strings.Cut(text, "/")
	first, last, ok := strings.Cut(numbers, "-")
	if !ok {
		last = first
	}
	a, err := strconv.ParseInt(first, 10, 32)
	if err != nil {
		return netpol.Ports{}, err
	}
	b, err := strconv.ParseInt(last, 10, 32)
	return netpol.PortsOf(corev1.Protocol(protocol), int32(a), int32(b)), err
}

// known looks whether the names of a line mean anything.
func (l *line) known(names []string) error {
	check := func(name string) error {
		_, err := netip.ParsePrefix(strings.TrimPrefix(name, "the rest of "))
		switch {
		case err == nil, slices.Contains(names, name), strings.HasPrefix(name, "pods with "), name == "every address",
			name == "other IPv4 addresses", name == "other IPv6 addresses":
			return nil
		case strings.HasPrefix(name, "the pods of "):
			if in, ok := strings.CutPrefix(name, `the pods of namespace "`); ok {
				in = strings.TrimSuffix(in, `"`) + "/"
				if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, in) }) {
					return fmt.Errorf("%q: the tree has pods there", l.text)
				}
			}
			return nil
		}
		return fmt.Errorf("%q: what is %q?", l.text, name)
	}
	if err := check(l.pod); err != nil && !strings.HasPrefix(l.pod, "/p") && !strings.HasPrefix(l.pod, "/the pods of ") {
		return err
	}
	for _, p := range l.parts {
		for _, name := range p.names {
			if name == "" || p.everyone && !strings.HasPrefix(name, "/") && !strings.Contains(name, " ") && slices.Contains(names, name) {
				continue
			}
			if err := check(name); err != nil && !p.everyone {
				return err
			}
		}
	}
	return nil
}

// covers reports whether a part is about one other end, surely or only perhaps:
// which blocks are left out of "the rest" of one is not said.
func (p *part) covers(other string, prefixes []netip.Prefix) (surely, perhaps bool) {
	addr, err := netip.ParseAddr(other)
	if err != nil {
		if p.everyone {
			return !slices.Contains(p.names, other), false
		}
		return slices.Contains(p.names, other), false
	}
	if p.everyone {
		return true, false
	}
	own := home(addr, prefixes)
	for _, name := range p.names {
		rest, some := strings.CutPrefix(name, "the rest of ")
		prefix, err := netip.ParsePrefix(rest)
		switch {
		case name == "every address":
			return true, false
		case name == "other IPv4 addresses" && addr.Is4(), name == "other IPv6 addresses" && addr.Is6():
			if own.IsValid() && own.Bits() > 0 {
				perhaps = true
			} else {
				surely = true
			}
		case err != nil || !prefix.Contains(addr):
		case !some || own == prefix:
			surely = true
		default:
			perhaps = true
		}
	}
	return surely, perhaps
}

// claimed compares what lines say of one other end with what is so. It is ""
// where they agree.
func claimed(lines []line, other string, prefixes []netip.Prefix, old, now netpol.Allowed) string {
	var sure, maybe [2]answers // opened, closed
	for _, l := range lines {
		if l.everything {
			return l.everythingBut(other, prefixes, old, now)
		}
		side := 0
		if l.sign == '-' {
			side = 1
		}
		for _, p := range l.parts {
			surely, perhaps := p.covers(other, prefixes)
			switch {
			case surely && sure[side] != nil:
				return fmt.Sprintf("said twice, with %q", l.text)
			case surely:
				sure[side] = p.ports
			case perhaps:
				maybe[side] = append(maybe[side], p.ports...)
			}
		}
	}
	open := old.Sure.Union(old.Unknown)
	gained := netpol.Allowed{Sure: now.Sure.Minus(old.Sure), Unknown: now.Unknown.Minus(open)}
	lost := netpol.Allowed{Sure: old.Sure.Minus(now.Sure).Minus(now.Unknown), Unknown: old.Unknown.Minus(now.Unknown).Minus(now.Sure).Union(old.Sure.Intersect(now.Unknown))}
	for side, want := range []netpol.Allowed{gained, lost} {
		holds := sure[side].hold(want)
		if sure[side] == nil && maybe[side] != nil {
			holds = holds || maybe[side].hold(want)
		}
		if !holds {
			return fmt.Sprintf("%s is %s, and not said so", []string{"opened", "closed"}[side], shown(want))
		}
	}
	return ""
}

// everythingBut compares what a line about all connections says of one other end
// with what is so.
func (l *line) everythingBut(other string, prefixes []netip.Prefix, old, now netpol.Allowed) string {
	free, bound := old, now
	if l.sign == '+' {
		free, bound = now, old
	}
	if !equal(free.Sure, netpol.AllPorts) {
		return fmt.Sprintf("everything was not open, as %q says", l.text)
	}
	var left, maybe answers
	for _, p := range l.parts {
		surely, perhaps := p.covers(other, prefixes)
		switch {
		case surely && left != nil:
			return fmt.Sprintf("said twice in %q", l.text)
		case surely:
			left = p.ports
		case perhaps:
			maybe = append(maybe, p.ports...)
		}
	}
	if left.hold(bound) || left == nil && maybe != nil && maybe.hold(bound) {
		return ""
	}
	return fmt.Sprintf("%q does not say that %s is left", l.text, shown(bound))
}
