package fetch

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// archive fetches the set's archive from its own source to tmp, and unpacks it.
func (s Set) archive(ctx context.Context, tmp, folder string) error {
	path, err := s.download(ctx, tmp)
	if err != nil {
		return fmt.Errorf("fetching %s: %w", s.Name, err)
	}
	if err := s.unpack(path, folder); err != nil {
		return fmt.Errorf("unpacking %s: %w", s.URL, err)
	}
	return nil
}

func (s Set) download(ctx context.Context, folder string) (path string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }() // only read
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the server of %s answers %s", s.URL, response.Status)
	}
	path = filepath.Join(folder, s.Name+".zip")
	out, err := os.Create(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	most := 4 * s.Size // a server that never ends mustn't fill the disk
	n, err := io.Copy(out, io.LimitReader(response.Body, most))
	if err == nil && n == most {
		err = fmt.Errorf("%s has more than %d bytes: it must have about %d", s.URL, most, s.Size)
	}
	return path, err
}

// skabSums are the hashes of the Skoltech Anomaly Benchmark's files, as sha256sum writes them.
//
//go:embed skab.sha256
var skabSums string

// skab lists the benchmark's files, which lie below root in its archive.
func skab(root string) []File {
	var list []File
	for line := range strings.Lines(skabSums) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			list = append(list, File{root + name, name, sum})
		}
	}
	return list
}
