package parts

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// linkOrCopy makes to a second name of from, or a copy where the file system
// has no hard links.
func linkOrCopy(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return writeFile(to, in, info.Mode().Perm())
}

func writeFile(path string, from io.Reader, mode os.FileMode) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, from); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}

// unzip unpacks an archive of flat files into dir, which must exist.
func unzip(archive, dir string) error {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", archive, err)
	}
	defer r.Close()
	for _, entry := range r.File {
		if entry.FileInfo().IsDir() {
			continue
		}
		if entry.Name != filepath.Base(entry.Name) || strings.ContainsAny(entry.Name, `/\`) {
			return fmt.Errorf("unpack %s: entry %q: want a plain file name", archive, entry.Name)
		}
		if err := unzipEntry(entry, filepath.Join(dir, entry.Name)); err != nil {
			return fmt.Errorf("unpack %s: %w", archive, err)
		}
	}
	return nil
}

func unzipEntry(entry *zip.File, to string) error {
	in, err := entry.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	return writeFile(to, in, 0o755)
}
