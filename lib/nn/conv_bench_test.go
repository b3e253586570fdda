package nn

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/images"

	"genlab/lib/backend"
)

// benchConvs are the convolutions that convTable was measured on: in, kernel, stride, padding, channels, filters, batch.
var benchConvs = []struct {
	name                        string
	size, kernel                []int
	stride, pad, cin, cout, num int
}{
	// The DCGAN's discriminator; its generator has the same ones, its forward pass being their input gradient.
	{"64²·3→64 k4s2", []int{64, 64}, []int{4, 4}, 2, 1, 3, 64, 64},
	{"32²·64→128 k4s2", []int{32, 32}, []int{4, 4}, 2, 1, 64, 128, 64},
	{"16²·128→256 k4s2", []int{16, 16}, []int{4, 4}, 2, 1, 128, 256, 64},
	{"8²·256→512 k4s2", []int{8, 8}, []int{4, 4}, 2, 1, 256, 512, 64},
	{"4²·512→1 k4", []int{4, 4}, []int{4, 4}, 1, 0, 512, 1, 64},
	{"4²·512→100 k4", []int{4, 4}, []int{4, 4}, 1, 0, 512, 100, 64},
	// Residual and U-nets, pixel and wave models.
	{"32²·64→64 k3", []int{32, 32}, []int{3, 3}, 1, 1, 64, 64, 32},
	{"8²·256→256 k3", []int{8, 8}, []int{3, 3}, 1, 1, 256, 256, 32},
	{"28²·64→64 k1", []int{28, 28}, []int{1, 1}, 1, 0, 64, 64, 32},
	{"1024·64→64 k2", []int{1024}, []int{2}, 1, 0, 64, 64, 16},
}

// BenchmarkConv measures every form of every pass: the least time of ten calls, and the least processor time. GOMLX_BACKEND
// chooses another backend than XLA's CPU one.
func BenchmarkConv(b *testing.B) {
	config := os.Getenv("GOMLX_BACKEND")
	if config == "" {
		config = "xla:cpu"
	}
	be, err := backend.New(config)
	if err != nil {
		b.Skip(err)
	}
	calls := 10
	if config == "go" {
		calls = 2
	}
	for _, l := range benchConvs {
		n := len(l.size)
		o := ConvOptions{Stride: []int{l.stride}, Padding: []int{l.pad}}
		var xs, ys, ks []int
		xs, ys = append(xs, l.num), append(ys, l.num)
		for i := range n {
			xs, ks = append(xs, l.size[i]), append(ks, l.kernel[i])
			ys = append(ys, (l.size[i]+2*l.pad-l.kernel[i])/l.stride+1)
		}
		xs, ys, ks = append(xs, l.cin), append(ys, l.cout), append(ks, l.cin, l.cout)
		x, y, k := filled(xs), filled(ys), filled(ks)
		for p, args := range [][2]*tensors.Tensor{{x, k}, {y, k}, {x, y}} {
			for _, form := range FormNames() {
				f := forms[form]
				b.Run(fmt.Sprintf("%s/%s/%s", l.name, pass(p), form), func(b *testing.B) {
					var geometry *conv
					exec, err := graph.NewExec(be, func(u, v *graph.Node) *graph.Node {
						switch pass(p) {
						case passForward:
							return f.forward(geometry, u, v)
						case passInput:
							return f.inputGrad(geometry, u, v)
						default:
							return f.kernelGrad(geometry, u, v)
						}
					})
					if err != nil {
						b.Fatal(err)
					}
					defer exec.Finalize()
					geometry = &conv{
						in: l.size, kernel: l.kernel, out: ys[1 : n+1], groups: 1,
						stride: perAxis("", o.Stride, n, 1, 1), pad: perAxis("", o.Padding, n, 0, 0), dilation: perAxis("", nil, n, 1, 1),
					}
					if !geometry.fits(f) || l.stride == 1 && form[:3] == "s2d" {
						b.Skip("doesn't apply")
					}
					least, cpu := time.Hour, time.Hour
					for b.Loop() {
						for range calls {
							start, busy := time.Now(), cpuTime()
							out, err := exec.Call(args[0], args[1])
							if err != nil {
								b.Fatal(err)
							}
							least, cpu = min(least, time.Since(start)), min(cpu, cpuTime()-busy)
							out[0].MustFinalizeAll()
						}
					}
					b.ReportMetric(float64(least.Microseconds())/1000, "ms")
					b.ReportMetric(float64(cpu.Microseconds())/1000, "cpu-ms")
				})
			}
		}
	}
}

func (p pass) String() string { return [...]string{"forward", "input", "kernel"}[p] }

// cpuTime is what the process has used of all processors: on a busy machine it says more than the clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func filled(dims []int) *tensors.Tensor {
	flat := make([]float32, shapes.Make(dtypes.Float32, dims...).Size())
	for i := range flat {
		flat[i] = float32(i%17) - 8
	}
	return tensors.FromFlatDataAndDimensions(flat, dims...)
}

// BenchmarkChannelsOrder is XLA's own convolution, channels last, as all is kept here, and channels first, as PyTorch has it.
func BenchmarkChannelsOrder(b *testing.B) {
	be, err := backend.New("xla:cpu")
	if err != nil {
		b.Skip(err)
	}
	for name, c := range map[string]struct {
		order     images.ChannelsAxisConfig
		x, kernel []int
	}{
		"last":  {images.ChannelsLast, []int{64, 32, 32, 64}, []int{4, 4, 64, 128}},
		"first": {images.ChannelsFirst, []int{64, 64, 32, 32}, []int{128, 64, 4, 4}},
	} {
		b.Run(name, func(b *testing.B) {
			exec, err := graph.NewExec(be, func(x, kernel *graph.Node) *graph.Node {
				y := graph.Convolve(x, kernel).ChannelsAxis(c.order).Strides(2).PaddingPerDim([][2]int{{1, 1}, {1, 1}}).Done()
				return graph.ReduceAllMax(y)
			})
			if err != nil {
				b.Fatal(err)
			}
			defer exec.Finalize()
			x, kernel := filled(c.x), filled(c.kernel)
			exec.MustCall(x, kernel)
			for b.Loop() {
				exec.MustCall(x, kernel)
			}
		})
	}
}
