package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decode fills config, a pointer to a struct, with the request's, which may leave fields out but have no others. Unlike encoding/json
// it takes a key in no other case, and no null.
func (r *request) decode(config any) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal([]byte(r.config), &given); err != nil || given == nil {
		if err == nil || errors.As(err, new(*json.UnmarshalTypeError)) {
			return fmt.Errorf("--config is %.40s: it must be a JSON object", r.config)
		}
		return fmt.Errorf("--config isn't JSON: %w", err)
	}
	known := jsonNames(reflect.TypeOf(config))
	var wrong []string
	for name, value := range given {
		switch {
		case !slices.Contains(known, name):
			wrong = append(wrong, fmt.Sprintf("the model has no %s: it takes %s", name, strings.Join(known, ", ")))
		case string(value) == "null":
			wrong = append(wrong, name+" is null: give a value, or leave it out")
		case strings.Contains(name, "layer"):
			if n, err := strconv.ParseFloat(string(value), 64); err == nil && n > maxLayers {
				wrong = append(wrong, fmt.Sprintf("%s is %s: it may be at most %d", name, value, maxLayers))
			}
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Errorf("--config: %s", strings.Join(wrong, "; "))
	}
	if err := json.Unmarshal([]byte(r.config), config); err != nil {
		var typed *json.UnmarshalTypeError
		if errors.As(err, &typed) {
			return fmt.Errorf("--config: %s is a %s, it must be of type %s", typed.Field, typed.Value, typed.Type.Kind())
		}
		return fmt.Errorf("--config: %w", err)
	}
	return nil
}

// maxLayers is more than any model has, and few enough to declare at once: a layer takes memory before the weights are looked at.
const maxLayers = 1000

// jsonNames lists the keys that a struct takes, those of embedded ones too.
func jsonNames(t reflect.Type) []string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			names = append(names, jsonNames(f.Type)...)
		case name != "" && name != "-":
			names = append(names, name)
		}
	}
	return names
}

// checkRate refuses a learning rate that PyTorch's Adam refuses.
func checkRate(lr float64) error {
	if lr < 0 {
		return fmt.Errorf("--config: lr is %g: it must be at least 0", lr)
	}
	return nil
}
