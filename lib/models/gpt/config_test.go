package gpt

import (
	"math"
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"n_embd is 33":                        func(c *Config) { c.Embed = 33 },
		"vocab_size is 1":                     func(c *Config) { c.VocabSize = 1 },
		"n_kv_head is 3: it must divide":      func(c *Config) { c.KVHeads = 3 },
		"dropout is 1":                        func(c *Config) { c.Dropout = 1 },
		`norm is "batch"`:                     func(c *Config) { c.Norm = "batch" },
		`positions is ""`:                     func(c *Config) { c.Positions = "" },
		"n_embd/n_head is 1:":                 func(c *Config) { c.Heads, c.Positions = 32, Rotary },
		"layer_norm_epsilon is 0":             func(c *Config) { c.Eps = 0 },
		`mlp is "relu": it must be "gelu" or`: func(c *Config) { c.MLP = "relu" },
	} {
		c := Tiny(10)
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func TestValidateTraining(t *testing.T) {
	for want, change := range map[string]func(*TrainConfig){
		"rate is 0":                             func(c *TrainConfig) { c.Rate = 0 },
		"min_rate is 0.01: it must be 0 to":     func(c *TrainConfig) { c.MinRate = 0.01 },
		"warm_up is 100: it must be 0 or more":  func(c *TrainConfig) { c.Total = 100 },
		"beta2 is 1":                            func(c *TrainConfig) { c.Beta2 = 1 },
		"eps is -1":                             func(c *TrainConfig) { c.Eps = -1 },
		"decay is -1":                           func(c *TrainConfig) { c.Decay = -1 },
		"clip is NaN":                           func(c *TrainConfig) { c.Clip = math.NaN() },
		"accumulate is -2":                      func(c *TrainConfig) { c.Accumulate = -2 },
		"vocab_size is 0: it must be at least ": func(c *TrainConfig) { c.Model.VocabSize = 0 },
	} {
		c := Recipe()
		c.Model.VocabSize, c.Total = 10, 1000
		if change(&c); c.validate() == nil || !strings.Contains(c.validate().Error(), want) {
			t.Errorf("want an error with %q, got %v", want, c.validate())
		}
	}
}
