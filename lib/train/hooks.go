package train

import "context"

// Measured makes a [Job]'s Evaluate of what a model measures on data that is held out, one number under a name; nil without data.
func Measured(name string, data Dataset, measure func(ctx context.Context, data Dataset) (float64, error)) func(ctx context.Context) ([]Metric, error) {
	if data == nil {
		return nil
	}
	return func(ctx context.Context) ([]Metric, error) {
		value, err := measure(ctx, data)
		return []Metric{{Name: name, Value: value}}, err
	}
}

// WithModel makes a [Job]'s AfterEpoch of a function that is given the model, too; nil of nil.
func WithModel[M any](after func(ctx context.Context, m M, epoch int, samples string) error, m M) func(ctx context.Context, epoch int, samples string) error {
	if after == nil {
		return nil
	}
	return func(ctx context.Context, epoch int, samples string) error { return after(ctx, m, epoch, samples) }
}
