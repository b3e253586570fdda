package command

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/audio"
	"genlab/lib/models/wavenet"
)

// sampling is what `sample wavenet` takes.
type sampling struct {
	wavenet.SampleConfig
	Run string `flag:"run" help:"the run's directory"`
	Out string `flag:"out" help:"sound to write, a WAV; several get numbers"`
}

func newSample() *cobra.Command {
	c := sampling{SampleConfig: wavenet.SampleConfig{Number: 1, Seconds: 1, Temperature: 0.9, Seed: 1}, Run: wavenet.Recipe().Run, Out: "out/wavenet.wav"}
	cmd := &cobra.Command{
		Use:   "wavenet",
		Short: "Make sound with a trained WaveNet",
		Example: `  genlab sample wavenet --speaker jackson --digit 7 --seconds 0.6 --out seven.wav
  genlab sample wavenet -n 8 --temperature 0.8 --out out/voices.wav    # voices-1.wav to voices-8.wav`,
		Args: cobra.NoArgs,
	}
	command.Flags(cmd, &c)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		m, err := wavenet.Open(c.Run)
		if err != nil {
			return err
		}
		began, made := time.Now(), 0
		c.Stream = func(voices [][]float32) error {
			made += len(voices[0])
			cmd.PrintErrf("\r%.1f of %.1f s", float64(made)/float64(m.Config.SampleRate), c.Seconds)
			return nil
		}
		voices, err := m.Sample(cmd.Context(), c.SampleConfig)
		cmd.PrintErrln()
		if err != nil {
			return err
		}
		took := time.Since(began).Seconds()
		for i, voice := range voices {
			path := c.path(i)
			if err := audio.Save(path, voice, m.Config.SampleRate); err != nil {
				return err
			}
			cmd.Printf("sound: %s\n", path)
		}
		cmd.Printf("%.2f s of sound in %.2f s, compiling included\n", float64(made)/float64(m.Config.SampleRate), took)
		return nil
	}
	return cmd
}

// path is where a voice goes.
func (c sampling) path(voice int) string {
	if c.Number == 1 {
		return c.Out
	}
	ext := filepath.Ext(c.Out)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(c.Out, ext), voice+1, ext)
}
