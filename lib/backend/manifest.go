package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/google/renameio/v2"
)

// Manifest says where an installed plugin came from and what its file was like; it lies beside the plugin.
type Manifest struct {
	Source  string    `json:"source"` // package or release
	Version string    `json:"version"`
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256"`
	ModTime time.Time `json:"mod_time"` // of the plugin's file: a file that still has it needn't be read again
}

func (p Plugin) manifestPath() string { return p.Path + ".json" }

// Manifest reads the plugin's manifest: nil when there is none.
func (p Plugin) Manifest() (*Manifest, error) {
	text, err := os.ReadFile(p.manifestPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil || m.SHA256 == "" {
		return nil, fmt.Errorf("has a damaged manifest %s", p.manifestPath())
	}
	return &m, nil
}

// writeManifest records the file as it is now.
func (p Plugin) writeManifest(source, version string) error {
	info, err := os.Stat(p.Path)
	if err != nil {
		return err
	}
	sum, err := fileSHA256(p.Path)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(Manifest{
		Source: source, Version: version, Size: info.Size(), SHA256: sum, ModTime: info.ModTime(),
	}, "", "  ")
	if err != nil {
		return err
	}
	return renameio.WriteFile(p.manifestPath(), append(text, '\n'), 0o644)
}
