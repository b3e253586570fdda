package arima

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestSelect(t *testing.T) {
	c := load(t)
	y := values(c.Series["log passengers"])
	models, err := Select(context.Background(), Search{
		Config: Config{Order: Order{D: 1}, Seasonal: Seasonal{D: 1, Period: 12}, Start: ApproximateDiffuse},
		MaxP:   1, MaxQ: 1, MaxSeasonalP: 1, MaxSeasonalQ: 1,
	}, y, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := models[0].String(); got != "ARIMA(0,1,1)(0,1,1)12" || len(models) != 16 {
		t.Errorf("the best of %d is %s", len(models), got)
	}
	for i, m := range models {
		// Where statsmodels stops short of the summit, ours is smaller.
		if want := c.Search[m.String()]; want == 0 || m.AIC > want+1e-3 || m.AIC < want-1 {
			t.Errorf("AIC of %s is %.4f, want %.4f", m, m.AIC, want)
		}
		if i > 0 && m.AIC < models[i-1].AIC {
			t.Errorf("%s comes before %s", models[i-1], m)
		}
	}
	if _, err := Select(context.Background(), Search{MaxP: 1}, make([]float64, 50), nil); !errors.Is(err, ErrConstant) {
		t.Errorf("a constant series gives %v", err)
	}
	if _, err := Select(context.Background(), Search{Config: Config{AllowNonStationary: true}, MaxP: 1}, y, nil); err == nil || !strings.Contains(err.Error(), "out of their likelihood") {
		t.Errorf("a search among likelihoods of different observations gives %v", err)
	}
	if _, err := Select(context.Background(), Search{Criterion: "x"}, y, nil); err == nil {
		t.Error("an unknown criterion gives no error")
	}
}
