package source

import "go/token"

// Set is the files that have a place in one token.FileSet, so that a position
// tells its file. It is not for several goroutines, save FileSet itself.
type Set struct {
	*token.FileSet

	files map[*token.File]*File
}

// NewSet is a set without files.
func NewSet() *Set { return &Set{token.NewFileSet(), map[*token.File]*File{}} }

// Add gives a file its place, unless it has one. Only then can File.Pos be
// called.
func (s *Set) Add(f *File) {
	if f.table == nil {
		f.table = s.AddFile(f.Path, -1, len(f.Src))
		f.table.SetLinesForContent(f.Src)
		s.files[f.table] = f
	}
}

// FileOf is the file in which a position lies. It is nil for a position that is
// none of the set's.
func (s *Set) FileOf(pos token.Pos) *File { return s.files[s.File(pos)] }
