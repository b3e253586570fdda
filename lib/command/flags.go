package command

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"genlab/lib/data/files"
	"genlab/lib/spec"
)

// Flags gives cmd a flag for each field of c, a pointer to a struct, that has a help tag, those of structs within it too. The flag is
// called as the flag tag says, else as the json tag with "-" for "_"; `short:"n"` adds a letter. Its default is what c holds.
func Flags(cmd *cobra.Command, c any) { bind(cmd, c) }

func bind(cmd *cobra.Command, c any) []*field {
	f := cmd.Flags()
	fields := fieldsOf(reflect.ValueOf(c).Elem())
	for _, field := range fields {
		if f.Lookup(field.flag) != nil {
			panic("command: two fields want the flag --" + field.flag)
		}
		flag := f.VarPF(field, field.flag, field.short, field.help)
		if field.value.Kind() == reflect.Bool {
			flag.NoOptDefVal = "true"
		}
	}
	return fields
}

// Configure is [Flags] for a training's config c, with two flags more: --preset, where there are presets of the architecture, which arch,
// a field of c, holds; and --config. The returned function, called when the command runs, fills c: first the preset, then the JSON file
// of --config, then the flags that were given.
func Configure[A any](cmd *cobra.Command, c any, arch *A, presets []spec.Preset) func() error {
	fields := bind(cmd, c)
	f := cmd.Flags()
	var preset, file string
	if len(presets) > 0 {
		f.StringVar(&preset, "preset", presets[0].Name, "where to begin: "+presetsText(presets))
	}
	f.StringVar(&file, "config", "", "JSON file that changes the preset, under the names of a run's config.json; flags change both")
	return func() error {
		if f.Changed("preset") {
			at := slices.IndexFunc(presets, func(p spec.Preset) bool { return p.Name == preset })
			if at < 0 {
				return fmt.Errorf("--preset is %q: it must be %s", preset, presetsText(presets))
			}
			*arch = presets[at].Config.(A)
		}
		if file != "" {
			text, err := files.Read(file, 1<<20)
			if err != nil {
				return fmt.Errorf("--config: %w", err)
			}
			if err := (spec.Config{string(text)}).Decode(c); err != nil {
				return fmt.Errorf("%w (in %s)", err, file)
			}
		}
		for _, field := range fields {
			if f.Changed(field.flag) {
				if err := field.Set(field.text); err != nil {
					return fmt.Errorf("--%s: %w", field.flag, err)
				}
			}
		}
		return nil
	}
}

func presetsText(presets []spec.Preset) string {
	list := make([]string, len(presets))
	for i, p := range presets {
		if list[i] = p.Name; p.About != "" {
			list[i] += " (" + p.About + ")"
		}
	}
	return strings.Join(list, ", ")
}

// field is a config's field as a flag.
type field struct {
	flag, short, help string
	value             reflect.Value
	text              string // as it was given last
}

// fieldsOf lists the fields of a struct that have a help tag, in their order.
func fieldsOf(v reflect.Value) []*field {
	var list []*field
	for i := range v.NumField() {
		t := v.Type().Field(i)
		help, has := t.Tag.Lookup("help")
		switch {
		case has:
			name := t.Tag.Get("flag")
			if name == "" {
				name, _, _ = strings.Cut(t.Tag.Get("json"), ",")
				name = strings.ReplaceAll(name, "_", "-")
			}
			if name == "" || name == "-" {
				panic(fmt.Sprintf("command: %s.%s has help but no name: give it a flag or a json tag", v.Type(), t.Name))
			}
			list = append(list, &field{name, t.Tag.Get("short"), help, v.Field(i), show(v.Field(i))})
		case t.Type.Kind() == reflect.Struct && t.IsExported():
			list = append(list, fieldsOf(v.Field(i))...)
		}
	}
	return list
}

// String is the flag's text.
func (f *field) String() string {
	if f == nil || !f.value.IsValid() { // pflag asks a zero one
		return ""
	}
	return f.text
}

// Set takes a text that the field can hold.
func (f *field) Set(text string) error {
	if err := parse(text, f.value); err != nil {
		return err
	}
	f.text = text
	return nil
}

// Type is what the help shows in the place of a value.
func (f *field) Type() string {
	if f.value.Type() == reflect.TypeFor[time.Duration]() {
		return "duration"
	}
	switch f.value.Kind() {
	case reflect.Bool:
		return "bool"
	case reflect.String:
		return "string"
	case reflect.Float32, reflect.Float64:
		return "float"
	case reflect.Slice, reflect.Array:
		return "list"
	}
	return "int"
}

// show is a value as its flag has it.
func show(v reflect.Value) string {
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		return time.Duration(v.Int()).String()
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = show(v.Index(i))
		}
		return strings.Join(items, ",")
	}
	return fmt.Sprint(v.Interface())
}

// parse sets v to what a flag's text says.
func parse(text string, v reflect.Value) error {
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		v.SetInt(int64(d))
		return err
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		v.SetBool(b)
	case reflect.Slice:
		var items []string
		if text != "" {
			items = strings.Split(text, ",")
		}
		list := reflect.MakeSlice(v.Type(), len(items), len(items))
		for i, item := range items {
			if err := parse(item, list.Index(i)); err != nil {
				return err
			}
		}
		v.Set(list)
	case reflect.Array:
		items := strings.Split(text, ",")
		if len(items) != v.Len() {
			return fmt.Errorf("%q must be %d values with commas between", text, v.Len())
		}
		for i, item := range items {
			if err := parse(item, v.Index(i)); err != nil {
				return err
			}
		}
	default: // numbers: as JSON has them
		value := reflect.New(v.Type())
		if err := json.Unmarshal([]byte(text), value.Interface()); err != nil {
			return fmt.Errorf("%q must be a number of type %s", text, v.Type())
		}
		v.Set(value.Elem())
	}
	return nil
}
