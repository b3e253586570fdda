//go:build cgo

package backend

// #include <stdlib.h>
// #include "table_linux.h"
import "C"

import (
	"time"
	"unsafe"

	"github.com/gomlx/go-xla/pjrt"
)

// hooked says what [hookTable] does for the one plugin of this process that it does something for. It is set while plugins are
// opened, one after the other.
var hooked struct {
	plugin   string    // its path
	programs *programs // keep what is compiled; nil is not
	products bool      // choose the library of a program's products
}

// hookTable puts itself between go-xla and the plugin, to keep what is compiled on disk, to choose by which library a program's products
// are computed, and to read a CPU's results where they lie. go-xla has no way to write out or read back a compiled program, nor to set
// options for one, but it takes a plugin as a table of functions: it gets one with some of ours in it.
func hookTable(p Plugin, path string) {
	if hooked.plugin != "" {
		return
	}
	programs, products, reads := newPrograms(p), p.choosesProducts(), C.int(0)
	if p.isPinned(CPUWheel) {
		reads = 1
	}
	if programs == nil && !products && reads == 0 {
		return
	}
	cPath := C.CString(path)
	defer C.free(unsafe.Pointer(cPath))
	api := C.genlab_plugin(cPath, reads)
	if api == nil {
		return // go-xla will say what is wrong with it
	}
	hooked.plugin, hooked.programs, hooked.products = path, programs, products
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
