package helm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// archivePath matches the path of an archive that helm takes for a subchart,
// at any depth, with what lies in it.
var archivePath = regexp.MustCompile(`^((?:charts/[^_./][^/]*/)*charts/[^_./][^/]*\.tgz)(?:/(.*))?$`)

// archives replaces the archives of subcharts by what they hold, until none is
// left: a subchart may have its own. An archive that holds itself grows too big.
func (r *reader) archives() error {
	for found := true; found; {
		found = false
		for _, name := range slices.Sorted(maps.Keys(r.files)) {
			if m := archivePath.FindStringSubmatch(name); m == nil || m[1] != name {
				continue
			}
			found = true
			packed := r.files[name]
			delete(r.files, name)
			if err := r.unpack(name, packed); err != nil {
				return err
			}
		}
	}
	return nil
}

// unpack adds the files of an archive. They lie there in one directory, whose
// name is left out.
func (r *reader) unpack(archive string, packed []byte) error {
	unzipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("%s: %w", archive, err)
	}
	for in := tar.NewReader(unzipped); ; {
		header, err := in.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", archive, err)
		}
		_, name, ok := strings.Cut(path.Clean(header.Name), "/")
		switch {
		case header.Typeflag == tar.TypeDir, header.Typeflag == tar.TypeXGlobalHeader:
			continue
		case header.Typeflag == tar.TypeSymlink, header.Typeflag == tar.TypeLink:
			return fmt.Errorf("%s: %s: %w", archive, header.Name, ErrLink)
		case header.Typeflag != tar.TypeReg:
			return fmt.Errorf("%s: %s: %w", archive, header.Name, ErrSpecial)
		case !ok || !filepath.IsLocal(filepath.FromSlash(header.Name)) || strings.Contains(name, `\`):
			return fmt.Errorf("%s: %q is no path of a file in a chart", archive, header.Name)
		}
		if err := r.add(archive+"/"+name, in); err != nil {
			return err
		}
	}
}

// repack puts the files of unpacked archives back into archives, innermost
// first.
func repack(files map[string][]byte) (map[string][]byte, error) {
	plain := map[string][]byte{}
	packed := map[string]map[string][]byte{}
	for name, text := range files {
		outer, inner, ok := cutArchive(name)
		if !ok {
			plain[name] = text
			continue
		}
		if packed[outer] == nil {
			packed[outer] = map[string][]byte{}
		}
		packed[outer][inner] = text
	}
	for outer, content := range packed {
		content, err := repack(content)
		if err != nil {
			return nil, err
		}
		if plain[outer], err = pack(content); err != nil {
			return nil, fmt.Errorf("%s: %w", outer, err)
		}
	}
	return plain, nil
}

// cutArchive divides the path of a file of an unpacked archive into the paths
// of the outermost archive and of the file in it.
func cutArchive(name string) (outer, inner string, ok bool) {
	for at := 0; ; {
		i := strings.Index(name[at:], ".tgz/")
		if i < 0 {
			return "", "", false
		}
		at += i + len(".tgz/")
		if outer = name[:at-1]; archivePath.MatchString(outer) {
			return outer, name[at:], true
		}
	}
}

// pack makes an archive of a chart.
func pack(files map[string][]byte) ([]byte, error) {
	var out bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(zipped)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: "chart/" + name, Size: int64(len(files[name])), Mode: 0o600}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(files[name]); err != nil {
			return nil, err
		}
	}
	err = errors.Join(w.Close(), zipped.Close())
	return out.Bytes(), err
}
