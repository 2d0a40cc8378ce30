package cli

import (
	"errors"
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
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("explain takes the code or the name of one rule")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			r, err := rules.Named(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(p.stdout, r.Page())
			return err
		},
	})
}
