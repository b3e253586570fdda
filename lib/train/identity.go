package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Identified is a data set that says what it is. Its run keeps that and is resumed with no other data; without it, data sets are told apart
// by the number of their batches alone.
type Identified interface {
	// Identity gives, in values that JSON can hold: kind, such as "digits"; from, the folder or file; digest, of the content, or of
	// names, sizes and times where the content is too large to be read; batch, seed, and what else decides the batches. Two data sets
	// are the same when all but from is equal: a folder that has moved is what it was.
	Identity() (map[string]any, error)
}

// identify is the data set's identity as JSON; nil when it doesn't tell.
func identify(data Dataset) (json.RawMessage, error) {
	told, ok := data.(Identified)
	if !ok {
		return nil, nil
	}
	is, err := told.Identity()
	if err != nil {
		return nil, fmt.Errorf("telling what the data set is: %w", err)
	}
	raw, err := json.Marshal(is)
	if err != nil {
		return nil, fmt.Errorf("telling what the data set is: %w", err)
	}
	return raw, nil
}

// otherData says in which fields two identities differ; nothing when they are of one data set.
func otherData(old, given json.RawMessage) []string {
	fields := differences(old, given)
	if !slices.ContainsFunc(fields, func(f string) bool { return !strings.HasPrefix(f, "from: ") }) {
		return nil
	}
	return fields
}

// DataOf says in a line what a run was trained on, such as "digits: batch 128, digest sha256:…, seed 1"; "" when the run doesn't know.
func DataOf(run string) (string, error) {
	d, err := readDescription(run)
	if errors.Is(err, os.ErrNotExist) || err == nil && d.Data == nil {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	fields := map[string]json.RawMessage{}
	flatten("", d.Data, fields)
	var list []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if value := strings.Trim(string(fields[name]), `"`); name != "kind" && value != "" {
			list = append(list, name+" "+value)
		}
	}
	return strings.Trim(string(fields["kind"]), `"`) + ": " + strings.Join(list, ", "), nil
}
