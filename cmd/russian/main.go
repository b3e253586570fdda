// Command russian makes the notebooks' Russian editions, NAME.ru.ipynb, out of NAME.ipynb, as it was executed, and of notebooks/ru/NAME.md,
// which has its prose: code, outputs and names are the same in both.
//
//	go run ./cmd/russian                          # from the checkout's root: makes them beside the notebooks, lists what is missing or stale
//	go run ./cmd/russian -from out/notebooks -to out/notebooks
//	go run ./cmd/russian -check                   # makes nothing, fails where a text of an edition that is begun is missing or stale
//	go run ./cmd/russian -stamp                   # gives each new text the sum of the cell that it translates
//
// A text begins with a line that names its cell and the sum of the English that it says in Russian:
//
//	<!-- cell c02 5d41402abc4b -->
//
// When the English changes, the sum does: read the text again, take its sum away, and stamp.
package main

import (
	"flag"
	"fmt"
	"log"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

const texts = "notebooks/ru"

func main() {
	log.SetFlags(0)
	check := flag.Bool("check", false, "make nothing, fail where a text of an edition that is begun is missing or stale")
	stamp := flag.Bool("stamp", false, "give each text without a sum that of its cell")
	from := flag.String("from", "notebooks", "the folder of the English notebooks")
	to := flag.String("to", "notebooks", "the folder to make the Russian ones in")
	flag.Parse()
	problems, err := run(*from, *to, *check, *stamp)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range problems {
		fmt.Println(p)
	}
	if *check && len(problems) > 0 {
		log.Fatalf("%d texts to write or to renew in %s: see cmd/russian", len(problems), texts)
	}
}

// run makes, stamps or checks all notebooks of a folder, and says which texts are missing or stale.
func run(from, to string, check, stamp bool) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(from, "*.ipynb"))
	if err != nil {
		return nil, err
	}
	var problems []string
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".ipynb")
		if strings.HasSuffix(name, ".ru") {
			continue
		}
		nb, err := readNotebook(path)
		if err != nil {
			return nil, err
		}
		text := filepath.Join(texts, name+".md")
		ru, err := readEdition(text)
		if err != nil {
			return nil, err
		}
		if stamp && ru.stamp(nb) {
			if err := renameio.WriteFile(text, []byte(ru.String()), 0o644); err != nil {
				return nil, err
			}
		}
		if check && len(ru) == 0 { // an edition that isn't begun is listed without -check; one that is must be whole
			continue
		}
		for _, p := range ru.problems(nb) {
			problems = append(problems, text+": "+p)
		}
		if check || stamp {
			continue
		}
		ru.translate(nb)
		if err := nb.write(filepath.Join(to, name+".ru.ipynb")); err != nil {
			return nil, err
		}
	}
	return problems, nil
}
