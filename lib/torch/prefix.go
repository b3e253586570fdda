package torch

import (
	"fmt"
	"strings"
)

// StripPrefix takes a prefix such as "module." off the names that have it. It is an error if none has, or if two names become one.
func StripPrefix(sd *StateDict, prefix string) (*StateDict, error) {
	out := &StateDict{Metadata: sd.Metadata}
	some := false
	for _, name := range sd.names {
		short, ok := strings.CutPrefix(name, prefix)
		some = some || ok
		if _, taken := out.Get(short); taken || short == "" {
			return nil, fmt.Errorf("without the prefix %q, tensor %s would be %s, as another is", prefix, quote(name), quote(short))
		}
		out.Set(short, sd.tensors[name])
	}
	if !some {
		return nil, fmt.Errorf("no tensor's name begins with the prefix %q: the first is %s", prefix, quote(strings.Join(sd.names[:min(1, len(sd.names))], "")))
	}
	return out, nil
}

// prefixOf is what to take off the names so that more of them are known than as they are; empty if nothing helps.
func prefixOf(sd *StateDict, known map[string]bool) string {
	fitting := map[string]int{}
	for _, name := range sd.names {
		for rest := name; ; {
			if known[rest] {
				fitting[name[:len(name)-len(rest)]]++
			}
			_, after, ok := strings.Cut(rest, ".")
			if !ok {
				break
			}
			rest = after
		}
	}
	best := ""
	for prefix, n := range fitting {
		if n > fitting[best] || n == fitting[best] && best != "" && len(prefix) < len(best) {
			best = prefix
		}
	}
	return best
}
