package train

import (
	"bytes"
	"encoding/json"
)

// Names that runs were written with before, and what they are called now. Runs are read as if they had always been written with the
// new ones.
var (
	oldFields  = map[string]string{"warmup": "warm_up"}                                           // keys of a config, at any depth
	oldMetrics = map[string]string{"test_loss": "validation_loss", "val_loss": "validation_loss"} // of metrics.jsonl
)

// newName is the name in use for one that may be old.
func newName(old map[string]string, name string) string {
	if now, ok := old[name]; ok {
		return now
	}
	return name
}

// renameFields gives the config its fields' new names. What isn't JSON stays as it is.
func renameFields(raw json.RawMessage) json.RawMessage {
	var value any
	numbers := json.NewDecoder(bytes.NewReader(raw))
	numbers.UseNumber() // as they are written
	if numbers.Decode(&value) != nil {
		return raw
	}
	renamed, err := json.Marshal(renameIn(value))
	if err != nil {
		return raw
	}
	return renamed
}

func renameIn(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = renameIn(v[i])
		}
	case map[string]any:
		for name, inner := range v {
			v[name] = renameIn(inner)
		}
		for old, now := range oldFields {
			if inner, ok := v[old]; ok {
				delete(v, old)
				v[now] = inner
			}
		}
	}
	return value
}
