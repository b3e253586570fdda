//go:build cgo

package backend

// #include <stdlib.h>
// #include "programs_linux.h"
import "C"

import (
	"time"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"
)

// kept are the programs of the one plugin of this process that keeps them. It is set while plugins are opened, one after the other.
var kept *programs

// keepPrograms has what the plugin compiles kept on disk. go-xla has no way to write out or read back a compiled program, but it takes
// a plugin as a table of functions: it gets one in which compiling looks into the folder first.
func keepPrograms(p Plugin, path string) {
	if kept != nil {
		return
	}
	found := newPrograms(p)
	if found == nil {
		return
	}
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	api := C.genlab_plugin(cPath)
	if api == nil {
		return // go-xla will say what is wrong with it
	}
	kept = found
	_ = pjrt.RegisterPreloadedPlugin(path, uintptr(api)) // fails as loading it will
}

//export goCompile
func goCompile(args *C.struct_compile) unsafe.Pointer {
	code := unsafe.Slice((*byte)(unsafe.Pointer(args.program.code)), args.program.code_size)
	options := unsafe.Slice((*byte)(unsafe.Pointer(args.options)), args.options_size)
	p := kept
	key := p.key(code, options)
	if program := p.load(key); program != nil &&
		C.genlab_load(args, (*C.char)(unsafe.Pointer(unsafe.SliceData(program))), C.size_t(len(program))) != 0 {
		return nil
	}
	began := time.Now()
	if err := C.genlab_compile(args); err != nil {
		return err
	}
	var s C.struct_serialized
	if time.Since(began) >= p.worth && C.genlab_serialize(args.executable, &s) != 0 {
		p.store(key, unsafe.Slice((*byte)(unsafe.Pointer(s.bytes)), s.size))
		C.genlab_free(&s)
	}
	return nil
}
