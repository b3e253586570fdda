package train

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"
)

// devices runs a step's graph on several devices: each holds the whole model and is given its part of the batch. XLA divides the graph,
// whose meaning is that of one device, and sums the gradients (data parallelism by Shardy).
type devices struct {
	exec        *model.Exec
	batch, same *distributed.ShardingSpec
	n           int
}

// spread prepares exec, whose inputs are a key and then parts of a batch, for the first n devices. Outputs are the same on each.
func spread(exec *model.Exec, backend compute.Backend, n, inputs int) (*devices, error) {
	if have := backend.NumDevices(); n > have {
		return nil, fmt.Errorf("devices is %d: the backend %s has %d; a CPU is as many as XLA_FLAGS=--xla_force_host_platform_device_count=N says",
			n, backend.Name(), have)
	}
	mesh, err := distributed.NewDeviceMesh([]int{n}, []string{"data"})
	if err != nil {
		return nil, fmt.Errorf("joining %d devices: %w", n, err)
	}
	batch, err := distributed.BuildSpec(mesh).S("data").Done()
	if err != nil {
		return nil, fmt.Errorf("joining %d devices: %w", n, err)
	}
	d := &devices{exec, batch, distributed.NewReplicatedShardingSpec(mesh), n}
	specs := []*distributed.ShardingSpec{d.same}
	for range inputs {
		specs = append(specs, d.batch)
	}
	exec.AutoSharding(mesh).WithInputShardingSpecs(specs...).WithOutputShardingSpecs(d.same)
	return d, nil
}

// call runs one step. All of batch are divided along their first axis.
func (d *devices) call(key *tensors.Tensor, batch []*tensors.Tensor) (*tensors.Tensor, error) {
	shard := func(spec *distributed.ShardingSpec, t *tensors.Tensor) (*dtensor.Tensor, error) {
		part, err := dtensor.ShardTensor(spec, t)
		if err != nil {
			return nil, fmt.Errorf("dividing a batch of shape %s among %d devices: %w", t.Shape(), d.n, err)
		}
		return part, nil
	}
	parts := make([]*dtensor.Tensor, len(batch)+1)
	var err error
	if parts[0], err = shard(d.same, key); err != nil {
		return nil, err
	}
	for i, t := range batch {
		if t.Rank() == 0 || t.Shape().Dim(0)%d.n != 0 {
			return nil, fmt.Errorf("a batch of shape %s can't be divided among %d devices: its size must be a multiple of that", t.Shape(), d.n)
		}
		if parts[i+1], err = shard(d.batch, t); err != nil {
			return nil, err
		}
	}
	args := make([]any, len(parts))
	for i, p := range parts {
		args[i] = p
	}
	out, err := d.exec.Call(args...)
	for _, p := range parts {
		if freed := p.FinalizeAll(); err == nil {
			err = freed
		}
	}
	if err != nil {
		return nil, err
	}
	for _, t := range out[1:] {
		if err := t.FinalizeAll(); err != nil {
			return nil, err
		}
	}
	return out[0], nil
}
