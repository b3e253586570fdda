package images

import (
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sync/errgroup"

	"genlab/lib/data/files"
	"genlab/lib/data/identity"
)

// maxContent is the most bytes of files that are read to tell a folder from another: a few seconds' worth. Beyond it their names,
// sizes and times stand for them.
const maxContent = 1 << 30

// Identity says what the data is, for the run that trains on it. The digest is of the pictures' content; of a
// folder of more than 1 GiB it is of the files' names, sizes and times.
func (b *Batches) Identity() (map[string]any, error) {
	s := b.set
	digest, err := s.digest()
	if err != nil {
		return nil, err
	}
	is := map[string]any{
		"kind": s.kind, "from": s.from, "pictures": s.n, "digest": digest, "fit": s.fit.String(), "size": s.Size, "channels": s.Channels,
		"batch": b.cfg.Size, "seed": b.cfg.Seed, "shuffle": b.cfg.Shuffle, "drop_last": b.cfg.DropLast, "labels": b.cfg.Labels, "flip": b.cfg.Flip,
	}
	if b.cfg.Shift > 0 { // older runs know of none
		is["shift"] = b.cfg.Shift
	}
	return is, nil
}

// digestFiles is of the files' names below dir and of their contents, or, when these are more than most bytes, of their sizes and times.
func digestFiles(dir string, paths []string, most int64) (string, error) {
	var all int64
	marks := make([]string, len(paths)) // what stands for each file's content
	for i, path := range paths {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			return "", err
		}
		all += info.Size()
		marks[i] = identity.NewDigest().Text(info.Size(), " ", info.ModTime().UnixNano()).String()
	}
	if all <= most {
		var group errgroup.Group
		group.SetLimit(runtime.GOMAXPROCS(0))
		for i, path := range paths {
			group.Go(func() error {
				content, err := files.Read(filepath.Join(dir, path), maxContent)
				marks[i] = identity.NewDigest().Bytes(content).String()
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return "", err
		}
	}
	d := identity.NewDigest()
	for i, path := range paths {
		d.Text(filepath.ToSlash(path)).Text(marks[i])
	}
	return d.String(), nil
}
