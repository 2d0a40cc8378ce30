//go:build !unix

package atomicfile

import (
	"io/fs"
	"os"
)

// keepOwner does nothing where owners are not numbers.
func keepOwner(*os.File, fs.FileInfo) {}
