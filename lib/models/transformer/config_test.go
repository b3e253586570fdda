package transformer

import (
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(*EncoderConfig)
	}{
		{"embed_size is 510 and heads 8: embed_size must be a multiple of heads, such as 512", func(c *EncoderConfig) { c.EmbedSize = 510 }},
		{"heads is 0", func(c *EncoderConfig) { c.Heads = 0 }},
		{"num_layers is -1", func(c *EncoderConfig) { c.NumLayers = -1 }},
		{"dropout is 1", func(c *EncoderConfig) { c.Dropout = 1 }},
		{`variant is "new"`, func(c *EncoderConfig) { c.Variant = "new" }},
	} {
		config := DefaultEncoder()
		c.change(&config)
		if _, err := NewEncoder(config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
	for _, c := range []struct {
		want   string
		change func(*Config)
	}{
		{"and nhead 3: d_model must be", func(c *Config) { c.Heads = 3 }},
		{"src_vocab_size is 3", func(c *Config) { c.SourceVocab = 3 }},
		{"tie_source is set", func(c *Config) { c.SourceVocab = 20 }},
		{`positions is "none"`, func(c *Config) { c.Positions = "none" }},
		{`activation is "tanh"`, func(c *Config) { c.Activation = "tanh" }},
		{"dim_feedforward is 0", func(c *Config) { c.DimFeedforward = 0 }},
	} {
		config := Default(10)
		c.change(&config)
		if _, err := NewNet(config); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
}
