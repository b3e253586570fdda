package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// NetIDs lists the nets of models, sorted.
func NetIDs(models []*Model) []string {
	var ids []string
	for _, m := range models {
		for _, n := range m.Nets {
			ids = append(ids, n.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// StepIDs lists the models that have a step, sorted.
func StepIDs(models []*Model) []string {
	var ids []string
	for _, m := range models {
		if m.Step != nil {
			ids = append(ids, m.stepID())
		}
	}
	slices.Sort(ids)
	return ids
}

func (m *Model) stepID() string { return cmp.Or(m.StepID, m.ID) }

// FindNet gives the net of an id.
func FindNet(models []*Model, id string) (Net, error) {
	for _, m := range models {
		for _, n := range m.Nets {
			if n.ID == id {
				return n, nil
			}
		}
	}
	return Net{}, fmt.Errorf("there is no net %q: it must be one of %s", id, strings.Join(NetIDs(models), ", "))
}

// FindStep gives the model of an id, which has a step.
func FindStep(models []*Model, id string) (*Model, error) {
	for _, m := range models {
		if m.stepID() == id && m.Step != nil {
			return m, nil
		}
	}
	return nil, fmt.Errorf("no model %q has a step: it must be one of %s", id, strings.Join(StepIDs(models), ", "))
}

// ToPrint is the config that describe opens a net with, changed by a given one.
func (n Net) ToPrint(given string) Config {
	if n.Printed == "" {
		return Config{given}
	}
	return Config{n.Printed, given}
}
