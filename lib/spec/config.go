package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"genlab/lib/nn"
)

// Config is a net's config as JSON under the names of its constructor's arguments. Where there are several, later ones change what
// earlier ones say.
type Config []string

// Decode fills config, a pointer to a struct, which keeps what the JSON leaves out. A key that the struct lacks is an error that lists
// those that it has. Unlike encoding/json it takes a key in no other case, and null only for a type with a JSON of its own.
func (c Config) Decode(config any) error {
	for _, text := range c {
		if err := decode(text, config); err != nil {
			return err
		}
	}
	return nil
}

func decode(text string, config any) error {
	var given map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &given); err != nil || given == nil {
		if err == nil || errors.As(err, new(*json.UnmarshalTypeError)) {
			return fmt.Errorf("--config is %.40s: it must be a JSON object", text)
		}
		return fmt.Errorf("--config isn't JSON: %w", err)
	}
	if wrong := strange(given, reflect.TypeOf(config), ""); len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Errorf("--config: %s", strings.Join(wrong, "; "))
	}
	if err := json.Unmarshal([]byte(text), config); err != nil {
		var typed *json.UnmarshalTypeError
		if errors.As(err, &typed) {
			return fmt.Errorf("--config: %s is a %s, it must be of type %s", typed.Field, typed.Value, typed.Type.Kind())
		}
		return fmt.Errorf("--config: %w", err)
	}
	return nil
}

// strange says what of the given keys a config of type t can't take, those of nested structs too.
func strange(given map[string]json.RawMessage, t reflect.Type, prefix string) (wrong []string) {
	fields := jsonFields(t)
	for name, value := range given {
		at := slices.IndexFunc(fields, func(f jsonField) bool { return f.name == name })
		var inner map[string]json.RawMessage
		switch {
		case at < 0:
			names := make([]string, len(fields))
			for i, f := range fields {
				names[i] = f.name
			}
			wrong = append(wrong, fmt.Sprintf("the model has no %s: it takes %s", prefix+name, strings.Join(names, ", ")))
		case string(value) == "null" && !reflect.PointerTo(fields[at].of).Implements(reflect.TypeFor[json.Unmarshaler]()):
			wrong = append(wrong, prefix+name+" is null: give a value, or leave it out")
		case strings.Contains(name, "layer"):
			if n, err := strconv.ParseFloat(string(value), 64); err == nil && n > nn.MaxLayers {
				wrong = append(wrong, fmt.Sprintf("%s is %s: it must be at most %d", prefix+name, value, nn.MaxLayers))
			}
		case fields[at].of.Kind() == reflect.Struct && json.Unmarshal(value, &inner) == nil:
			wrong = append(wrong, strange(inner, fields[at].of, prefix+name+".")...)
		}
	}
	return wrong
}

// jsonField is a key that a struct takes, and the type of its value.
type jsonField struct {
	name string
	of   reflect.Type
}

// jsonFields lists the keys that a struct takes, those of embedded ones too.
func jsonFields(t reflect.Type) []jsonField {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var list []jsonField
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			list = append(list, jsonFields(f.Type)...)
		case name != "" && name != "-":
			list = append(list, jsonField{name, f.Type})
		}
	}
	return list
}

// CheckRate refuses a learning rate that PyTorch's optimisers refuse.
func CheckRate(rate float64) error {
	if !(rate >= 0) {
		return fmt.Errorf("--config: lr is %g: it must be at least 0", rate)
	}
	return nil
}
