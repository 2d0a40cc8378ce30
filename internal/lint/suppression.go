package lint

// SuppressedBy is what keeps a finding from being reported.
type SuppressedBy string

// What suppresses a finding. The first two stand in the manifests themselves.
const (
	ByComment    SuppressedBy = "comment"
	ByAnnotation SuppressedBy = "annotation"
	ByConfig     SuppressedBy = "config"
	ByBaseline   SuppressedBy = "baseline"
	BySince      SuppressedBy = "since"
)

// Suppression is why a finding is not reported.
type Suppression struct {
	By SuppressedBy
	// Reason is what people wrote down for it; it is "" for nothing.
	Reason string
	// At is where that is written. Its Path is "" for what was found before a
	// change.
	At Place
}

// InSource reports whether the suppression stands in the manifests.
func (s *Suppression) InSource() bool { return s.By == ByComment || s.By == ByAnnotation }
