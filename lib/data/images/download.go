package images

import (
	"context"
	"crypto/md5" //nolint:gosec // the data sets' authors publish MD5 sums
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// remote is a file of a data set, with the sum that its authors publish.
type remote struct {
	name, url, md5 string
}

// download fetches the files that dir lacks. A file appears there whole and right, or not at all.
func download(ctx context.Context, dir string, files []remote) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("images: making the folder to download to: %w", err)
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if _, err := os.Stat(path); err == nil {
			continue
		}
		if err := f.fetch(ctx, path); err != nil {
			return fmt.Errorf("images: downloading %s from %s: %w", f.name, f.url, err)
		}
	}
	return nil
}

func (f remote) fetch(ctx context.Context, path string) (err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // only read
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s; put the file into %s yourself", response.Status, filepath.Dir(path))
	}
	out, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithPermissions(0o644))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Cleanup()) }()
	sum := md5.New() //nolint:gosec // as above
	if _, err := io.Copy(io.MultiWriter(out, sum), response.Body); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != f.md5 {
		return fmt.Errorf("its MD5 sum is %s, not %s: the server gave another file (a page that asks to wait or to confirm?); put the file into %s yourself",
			got, f.md5, filepath.Dir(path))
	}
	return out.CloseAtomicallyReplace()
}
