// Egresslint finds where the egress of Kubernetes NetworkPolicies is open,
// broken or leaking.
package main

import (
	"os"

	"github.com/egresslint/egresslint/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
