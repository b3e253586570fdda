//go:build linux && cgo

package backend

import (
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// XLA's CPU plugin has two libraries for products of matrices, YNNPACK and oneDNN. It uses the first unless told otherwise. A product
// by the second costs some tens of microseconds beside its work, but large ones are faster, and a program with them can't be kept on
// disk. So it is for trainings whose products are all large; docs/performance.md has the measurements.
const leastProduct = 10e6 // operations

// choosesProducts says whether the plugin is known to have both libraries, and the user's flags leave the choice to us.
func (p Plugin) choosesProducts() bool {
	flags := os.Getenv("XLA_FLAGS") + os.Getenv("XLA_DEBUG_OPTIONS")
	return p.isPinned(CPUWheel) && runtime.GOARCH == "amd64" && !strings.Contains(flags, "onednn")
}

var (
	contracted = regexp.MustCompile(`lhs_contracting_dimensions = \[([\d, ]*)\]`)
	tensorDims = regexp.MustCompile(`tensor<((?:\d+x)*)\w+>`)
)

// trainsWithLargeProducts reads a program as go-xla writes it, in StableHLO's text: does it write parameters over, as a training's step
// does, and has it products, all of them large?
func trainsWithLargeProducts(code string) bool {
	if !strings.Contains(code, "tf.aliasing_output") {
		return false
	}
	found := false
	for {
		_, rest, ok := strings.Cut(code, `"stablehlo.dot_general"`)
		if !ok {
			return found
		}
		attributes, rest, _ := strings.Cut(rest, " : (")
		types, rest, _ := strings.Cut(rest, "\n")
		if productWork(attributes, types) < leastProduct {
			return false
		}
		found, code = true, rest
	}
}

// productWork is the number of multiplications and additions of one product; 0 where its text isn't as expected.
func productWork(attributes, types string) float64 {
	axes := contracted.FindStringSubmatch(attributes)
	tensors := tensorDims.FindAllStringSubmatch(types, -1)
	if axes == nil || len(tensors) != 3 {
		return 0
	}
	left, result := strings.Split(tensors[0][1], "x"), strings.Split(tensors[2][1], "x")
	work := 2.0
	times := func(dim string) {
		n, _ := strconv.Atoi(dim) // digits alone
		work *= float64(n)
	}
	for _, dim := range result[:len(result)-1] {
		times(dim)
	}
	for axis := range strings.SplitSeq(axes[1], ", ") {
		i, err := strconv.Atoi(axis)
		if err != nil || i >= len(left)-1 {
			return 0
		}
		times(left[i])
	}
	return work
}

// oneDNNOptions are options of one compilation, to be added to others: an xla.CompileOptionsProto.
func oneDNNOptions() []byte {
	const (
		overrides    = 7 // env_option_overrides, a map
		text, truth  = 1, 2
		key, content = 1, 2
	)
	override := func(name string, value []byte) []byte {
		entry := protowire.AppendString(protowire.AppendTag(nil, key, protowire.BytesType), name)
		entry = protowire.AppendBytes(protowire.AppendTag(entry, content, protowire.BytesType), value)
		return protowire.AppendBytes(protowire.AppendTag(nil, overrides, protowire.BytesType), entry)
	}
	yes := protowire.AppendVarint(protowire.AppendTag(nil, truth, protowire.VarintType), 1)
	dots := protowire.AppendString(protowire.AppendTag(nil, text, protowire.BytesType),
		"LIBRARY_FUSION_TYPE_DOT,LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT")
	return append(override("xla_cpu_use_onednn", yes), override("xla_cpu_experimental_onednn_fusion_type", dots)...)
}
