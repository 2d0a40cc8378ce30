package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/egresslint/egresslint/rules"
)

func (p *program) rulesCommand() *cobra.Command {
	return withoutUsage(&cobra.Command{
		Use:   "rules",
		Short: "list the rules",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
			for _, r := range rules.All {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Code, r.Kebab(), r.Level, r.Summary())
			}
			return w.Flush()
		},
	})
}

func (p *program) explainCommand() *cobra.Command {
	return withoutUsage(&cobra.Command{
		Use:     "explain RULE",
		Short:   "show the page of a rule, by its code or its name",
		Example: "  egresslint explain EGR003",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			r := rules.Find(args[0])
			if r == nil {
				return fmt.Errorf("%q: %w", args[0], errNoSuchRule)
			}
			_, err := fmt.Fprint(p.stdout, r.Page())
			return err
		},
	})
}
