package arima

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// Search says which models Select tries: all orders up to these, with the differences, the trend and the rest of Config.
// Differencing is not searched: models of different differences explain different numbers, and no criterion
// compares them. Nor may AllowNonStationary be set, for a like reason.
type Search struct {
	Config                     // its differences, period, trend and start; its other orders are not looked at
	MaxP, MaxQ                 int
	MaxSeasonalP, MaxSeasonalQ int
	Criterion                  Criterion // AIC when empty
}

// Criterion is what Select makes small.
type Criterion string

// The criteria.
const (
	AIC  Criterion = "aic"
	BIC  Criterion = "bic"
	HQIC Criterion = "hqic"
)

func (c Criterion) of(m *Model) float64 {
	switch c {
	case BIC:
		return m.BIC
	case HQIC:
		return m.HQIC
	}
	return m.AIC
}

// Select fits each model of the search and returns them, best first. A model that can't be fitted is left out; that none
// can is an error.
func Select(ctx context.Context, search Search, y []float64, exog [][]float64) ([]*Model, error) {
	if search.AllowNonStationary {
		return nil, errors.New("arima: a search with AllowNonStationary: all states then start diffuse, so that longer orders leave more observations out of their likelihood, and no criterion compares them")
	}
	switch search.Criterion {
	case "", AIC, BIC, HQIC:
	default:
		return nil, fmt.Errorf("arima: Criterion is %q: it must be aic, bic or hqic", search.Criterion)
	}
	if m := min(search.MaxP, search.MaxQ, search.MaxSeasonalP, search.MaxSeasonalQ); m < 0 {
		return nil, fmt.Errorf("arima: a search up to order %d: it must be 0 or more", m)
	}
	var configs []Config
	for p := range search.MaxP + 1 {
		for q := range search.MaxQ + 1 {
			for sp := range search.MaxSeasonalP + 1 {
				for sq := range search.MaxSeasonalQ + 1 {
					c := search.Config
					c.Order.P, c.Order.Q, c.Seasonal.P, c.Seasonal.Q = p, q, sp, sq
					configs = append(configs, c)
				}
			}
		}
	}
	models, failed := make([]*Model, len(configs)), make([]error, len(configs))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, c := range configs {
		group.Go(func() error {
			models[i], failed[i] = Fit(ctx, c, y, exog)
			return nil
		})
	}
	_ = group.Wait() // what failed is in failed
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	models = slices.DeleteFunc(models, func(m *Model) bool { return m == nil })
	if len(models) == 0 {
		return nil, fmt.Errorf("arima: none of the %d models of the search could be fitted: %w", len(configs), errors.Join(failed[0], failed[len(failed)-1]))
	}
	slices.SortStableFunc(models, func(a, b *Model) int { return cmp.Compare(search.Criterion.of(a), search.Criterion.of(b)) })
	return models, nil
}
