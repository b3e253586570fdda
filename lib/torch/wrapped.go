package torch

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const saveAlone = "save the model's state_dict alone: torch.save(model.state_dict(), path)"

// usual are the keys under which trainings keep a model's state_dict.
var usual = []string{"state_dict", "model_state_dict", "model", "net"}

// place is a value somewhere in what a file holds, and the keys that lead there, with dots between.
type place struct {
	key   string
	value any
}

// finder finds a state_dict in what a file holds.
type finder struct {
	left int // values that it may still look at: dicts that share dicts could lead it round for ever
}

var errTangled = errors.New("its dicts lie in each other too often to be looked through")

// find gives the dict under the key, or, without one, the file's own or the only one that lies in it beside epochs, arguments and
// optimisers. Several that are all that the file holds, a generator's and a discriminator's, are one. Key "." is the file's own in any
// case.
func (f *finder) find(top any, key string) (*dict, error) {
	own, isDict := top.(*dict)
	none := fmt.Errorf("the file holds %s, must hold a dict of tensors: %s", kind(top), saveAlone)
	switch {
	case key == "." && !isDict:
		return nil, none
	case key == ".":
		return own, nil
	case key != "":
		return f.under(top, key)
	}
	at := place{"", top}
	for range maxDeep {
		d, ok := at.value.(*dict)
		if ok && usualIn(d) == nil && slices.ContainsFunc(d.values, isView) && f.tensorsAlone(d, 0) {
			return d, nil
		}
		found := f.nearest(at)
		if f.left < 0 || len(found) == 0 {
			break
		}
		if plain := plainly(found); plain != nil {
			found = []place{*plain}
		}
		if len(found) > 1 && at.key == "" && isDict && usualIn(own) == nil && f.tensorsAlone(own, 0) {
			return own, nil // a model's parts, such as generator and discriminator
		}
		if len(found) > 1 {
			var keys []string
			for _, p := range found {
				keys = append(keys, quote(p.key))
			}
			return nil, fmt.Errorf(`the file holds %d state_dicts: give the key of one (%s), or "." for all, under dotted names`, len(found), strings.Join(keys, ", "))
		}
		at = found[0]
	}
	switch {
	case f.left < 0:
		return nil, errTangled
	case !isDict:
		return nil, none
	case usualIn(own) != nil:
		return usualIn(own), nil // gathering says what is wrong with it
	}
	return own, nil
}

// plainly is the one place of several that has a usual key, where in the others no tensor lies at once: the state of a training's helpers.
func plainly(found []place) *place {
	var plain *place
	for i, p := range found {
		usually := slices.Contains(usual, p.key[strings.LastIndexByte(p.key, '.')+1:])
		switch {
		case usually && plain == nil:
			plain = &found[i]
		case usually || slices.ContainsFunc(p.value.(*dict).values, isView):
			return nil
		}
	}
	return plain
}

// nearest lists the dicts of nothing but tensors that lie least deep in a place.
func (f *finder) nearest(in place) []place {
	level := f.inner(in)
	for range maxDeep {
		var found, next []place
		for _, p := range level {
			if strings.Contains(p.key, "optim") { // whose moments are tensors, too
				continue
			}
			if d, ok := p.value.(*dict); ok && f.tensorsAlone(d, 0) {
				found = append(found, p)
			} else {
				next = append(next, f.inner(p)...)
			}
		}
		if len(found) > 0 || len(next) == 0 || f.left < 0 {
			return found
		}
		level = next
	}
	return nil
}

// inner lists what lies right in a dict, list or tuple and can be named.
func (f *finder) inner(in place) []place {
	prefix := in.key
	if prefix != "" {
		prefix += "."
	}
	var places []place
	switch v := in.value.(type) {
	case *dict:
		for i, k := range v.keys {
			if key, ok := k.(string); ok {
				places = append(places, place{prefix + key, v.values[i]})
			}
		}
	case tuple:
		for i, item := range v {
			places = append(places, place{prefix + strconv.Itoa(i), item})
		}
	case *list:
		for i, item := range v.items {
			places = append(places, place{prefix + strconv.Itoa(i), item})
		}
	}
	if f.left -= len(places); f.left < 0 {
		return nil
	}
	return places
}

// under follows a key, whose dots may be the keys' own.
func (f *finder) under(top any, key string) (*dict, error) {
	level := f.inner(place{"", top})
	for range maxDeep {
		var next []place
		for _, p := range level {
			if d, ok := p.value.(*dict); ok && p.key == key {
				return d, nil
			}
			if strings.HasPrefix(key, p.key+".") {
				next = append(next, f.inner(p)...)
			}
		}
		if len(next) == 0 || f.left < 0 {
			break
		}
		level = next
	}
	var dicts []string
	for _, p := range f.inner(place{"", top}) {
		if _, ok := p.value.(*dict); ok {
			dicts = append(dicts, quote(p.key))
		}
	}
	return nil, fmt.Errorf("the file holds no dict under the key %s; at its top it has %s", quote(key), strings.Join(dicts, ", "))
}

// tensorsAlone says whether a dict holds tensors, dicts of them, and nothing else.
func (f *finder) tensorsAlone(d *dict, depth int) bool {
	if f.left -= 1 + len(d.keys); f.left < 0 || depth > maxDeep {
		return false
	}
	some := false
	for i, v := range d.values {
		if _, ok := d.keys[i].(string); !ok {
			return false
		}
		switch v := v.(type) {
		case *view:
		case *dict:
			if len(v.keys) > 0 && !f.tensorsAlone(v, depth+1) {
				return false
			}
			if len(v.keys) == 0 {
				continue
			}
		default:
			return false
		}
		some = true
	}
	return some
}

func isView(v any) bool {
	_, ok := v.(*view)
	return ok
}

// usualIn is the first dict under a usual key.
func usualIn(d *dict) *dict {
	for _, key := range usual {
		for i, k := range d.keys {
			if inner, ok := d.values[i].(*dict); ok && k == key {
				return inner
			}
		}
	}
	return nil
}
