package cluster

import (
	"errors"
	"reflect"

	"golang.org/x/tools/go/analysis"
)

// Analyzer stands for the view in what a rule requires. It reads nothing: the
// driver gives the view as its result.
var Analyzer = &analysis.Analyzer{
	Name:       "cluster",
	Doc:        "the namespaces, workloads and policies of one cluster view",
	ResultType: reflect.TypeFor[*View](),
	Run: func(*analysis.Pass) (any, error) {
		return nil, errors.New("the driver has to give the view")
	},
}

// Of is the view that a pass looks at. The pass must require Analyzer.
func Of(pass *analysis.Pass) *View {
	return pass.ResultOf[Analyzer].(*View)
}
