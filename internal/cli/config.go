package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/egresslint/egresslint/internal/config"
)

func (p *program) configCommand() *cobra.Command {
	var flags treeFlags
	c := &cobra.Command{
		Use:   "config [flags] [PATH...]",
		Short: "print the settings that hold for a path",
		Long: `The settings are those of .egresslint.yaml at or above the first path. What is
printed has every key, also those that the file leaves out, and can be used as
such a file.`,
		Example: "  egresslint config ./k8s >.egresslint.yaml",
		Args:    cobra.ArbitraryArgs,
		RunE:    func(_ *cobra.Command, paths []string) error { return p.showConfig(paths, &flags) },
	}
	c.Flags().StringVar(&flags.config, "config", "", "read the settings from this `FILE`, not from the nearest "+config.FileName)
	return withoutUsage(c)
}

func (p *program) showConfig(paths []string, flags *treeFlags) error {
	settings, _, err := flags.settings(paths)
	if err != nil {
		return err
	}
	text, err := settings.Effective()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s", text)
	return err
}
