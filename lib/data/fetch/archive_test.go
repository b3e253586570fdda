package fetch

import (
	"archive/zip"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestArchive(t *testing.T) {
	t.Setenv(FolderEnv, t.TempDir())
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		z := zip.NewWriter(w)
		f, err := z.Create("made/data.txt")
		if err == nil {
			_, err = f.Write([]byte("numbers"))
		}
		if err != nil || z.Close() != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	s := made("numbers")
	s.URL = server.URL
	folder, err := s.Fetch(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(folder, "data.txt")); err != nil || string(text) != "numbers" {
		t.Errorf("%q, %v", text, err)
	}
	other := made("other numbers")
	other.Name, other.URL = "other", server.URL
	if _, err := other.Fetch(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "has the SHA-256") {
		t.Errorf("other content: %v", err)
	}
	status = http.StatusNotFound
	if _, err := other.Fetch(t.Context(), func(string) {}); err == nil || !strings.Contains(err.Error(), "answers 404") {
		t.Errorf("no such file: %v", err)
	}
	if skab := skab(""); len(skab) != 35 || skab[0].Name != "anomaly-free/anomaly-free.csv" || len(skab[0].SHA256) != 64 {
		t.Errorf("%d files: %+v", len(skab), skab[0])
	}
}
