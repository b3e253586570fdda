//go:build cgo

package backend

// #include <stdlib.h>
// #include "compiler_linux.h"
import "C"

import (
	"time"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"
)

// hooked says what [hookCompiler] does for the one plugin of this process that it does something for. It is set while plugins are
// opened, one after the other.
var hooked struct {
	programs *programs // keep what is compiled; nil is not
	products bool      // choose the library of a program's products
}

// hookCompiler puts itself between go-xla and the plugin's compiler, to keep what is compiled on disk and to choose by which library a
// program's products are computed. go-xla has no way to write out or read back a compiled program, nor to set options for one, but it
// takes a plugin as a table of functions: it gets one with a compiler of ours in it.
func hookCompiler(p Plugin, path string) {
	if hooked.programs != nil || hooked.products {
		return
	}
	programs, products := newPrograms(p), p.choosesProducts()
	if programs == nil && !products {
		return
	}
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	api := C.genlab_plugin(cPath)
	if api == nil {
		return // go-xla will say what is wrong with it
	}
	hooked.programs, hooked.products = programs, products
	_ = pjrt.RegisterPreloadedPlugin(path, uintptr(api)) // fails as loading it will
}

//export goCompile
func goCompile(args *C.struct_compile) unsafe.Pointer {
	code := unsafe.Slice((*byte)(unsafe.Pointer(args.program.code)), args.program.code_size)
	if hooked.products && trainsWithLargeProducts(unsafe.String(unsafe.SliceData(code), len(code))) {
		return compileWithOneDNN(args)
	}
	p := hooked.programs
	if p == nil {
		return C.genlab_compile(args)
	}
	key := p.key(code, unsafe.Slice((*byte)(unsafe.Pointer(args.options)), args.options_size))
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

// compileWithOneDNN keeps nothing: XLA can't write such a program out.
func compileWithOneDNN(args *C.struct_compile) unsafe.Pointer {
	options, size := args.options, args.options_size
	defer func() { args.options, args.options_size = options, size }()
	all := append(C.GoBytes(unsafe.Pointer(options), C.int(size)), oneDNNOptions()...)
	bytes := C.CBytes(all)
	defer C.free(bytes)
	args.options, args.options_size = (*C.char)(bytes), C.size_t(len(all))
	return C.genlab_compile(args)
}
