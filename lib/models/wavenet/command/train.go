package command

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"genlab/lib/command"
	"genlab/lib/data/audio"
	"genlab/lib/models/wavenet"
)

// training is what `train wavenet` takes: the model's own choices, and the recordings.
type training struct {
	wavenet.TrainConfig
	audio.Config
	Held   string `json:"held" help:"a speaker who is heard in the validation alone (default the recordings of numbers 0 to 4, else every tenth)"`
	Batch  int    `json:"batch" help:"windows a step"`
	Length int    `json:"length" help:"codes a window"`
}

// validationLength is that of the windows that are validated by: longer than most recordings, which are then heard from their beginning.
const validationLength = 8001

func newTrain() *cobra.Command {
	t := training{TrainConfig: wavenet.Recipe(), Config: audio.Config{Gain: true, Trim: true}, Batch: 2, Length: 2401}
	cmd := &cobra.Command{
		Use:   "wavenet",
		Short: "Train WaveNet on spoken digits or other recordings",
		Long: `Train WaveNet on a folder or a zip of WAV files of one rate, such as the Free Spoken Digit Dataset
(git clone https://github.com/Jakobovski/free-spoken-digit-dataset, its folder recordings, whose digest is
` + audio.FSDDDigest + `). Of names such as
7_jackson_32.wav it learns what is said and who speaks. Without recordings it learns tones that are made.
An unfinished run in the same directory is gone on with.`,
		Example: `  genlab train wavenet --data free-spoken-digit-dataset/recordings
  genlab train wavenet --epochs 1 --preset tiny --run runs/tones    # made tones`,
		Args: cobra.NoArgs,
	}
	configure := command.Configure(cmd, &t, &t.Model, wavenet.Spec.Presets)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := configure(); err != nil {
			return err
		}
		return t.run(cmd)
	}
	return cmd
}

func (t *training) run(cmd *cobra.Command) error {
	recordings, err := t.recordings(cmd)
	if err != nil {
		return err
	}
	learned, held, err := audio.Split(recordings, t.held(recordings))
	if err != nil {
		return err
	}
	m := &t.Model
	m.SampleRate, m.Speakers, m.Digits = recordings[0].Rate, t.told(recordings, audio.Speakers), t.told(recordings, audio.Digits)
	if t.Held != "" {
		m.Speakers = nil // nothing is known of who is heard in the validation alone
	}
	m.Global = len(m.Speakers) + len(m.Digits)
	windows := audio.WindowConfig{
		Size: t.Batch, Length: t.Length, Classes: m.Classes, Speakers: m.Speakers, Digits: m.Digits, Seed: t.Seed, Shuffle: true, From: t.Path,
	}
	batches, err := audio.NewWindows(learned, windows)
	if err != nil {
		return err
	}
	windows.Length, windows.Shuffle = validationLength, false
	validation, err := audio.NewWindows(held, windows)
	if err != nil {
		return err
	}
	t.Validation = validation
	linear := audio.FitLinearPrediction(codes(learned, m.Classes), audio.LinearPredictionOrder, m.Classes)
	cmd.Printf("%d recordings, %.0f s, to learn; %d, %.0f s, to validate by, of which linear prediction of order %d says %.3f bits a sample\n",
		len(learned), batches.Seconds(), len(held), validation.Seconds(), audio.LinearPredictionOrder, linear.Bits(codes(held, m.Classes)))
	t.AfterEpoch = func(ctx context.Context, m *wavenet.Model, epoch int, samples string) error {
		voices, err := m.Sample(ctx, wavenet.SampleConfig{Number: 1, Seconds: 1, Temperature: 1, Seed: t.Seed})
		if err != nil {
			return err
		}
		return audio.Save(filepath.Join(samples, fmt.Sprintf("epoch-%03d.wav", epoch)), voices[0], m.Config.SampleRate)
	}
	if _, err := wavenet.Train(cmd.Context(), t.TrainConfig, batches); err != nil {
		return err
	}
	return command.Report(cmd, t.Options, "validation_loss", "bits a sample of the held-out recordings",
		fmt.Sprintf("genlab sample wavenet --run %s", command.Quote(t.Run)))
}

// recordings are those of the data, or made ones, which it says.
func (t *training) recordings(cmd *cobra.Command) ([]audio.Recording, error) {
	if t.Path == "" {
		cmd.PrintErrln("no recordings are given: these are made tones, two voices on ten pitches; --data names a folder of WAV files")
		return audio.Made(20), nil
	}
	return audio.Load(t.Config)
}

// customary is below which number the spoken digits' validation is.
const customary = 5

// held says which recordings are validated by.
func (t *training) held(list []audio.Recording) func(audio.Recording) bool {
	if t.Held != "" {
		return audio.BySpeaker(t.Held)
	}
	by := audio.ByNumber(customary)
	if _, _, err := audio.Split(list, by); err != nil {
		return audio.Every(10)
	}
	return by
}

// told are the names of a condition, if every recording has one.
func (t *training) told(list []audio.Recording, names func([]audio.Recording) []string) []string {
	for _, r := range list {
		if len(names([]audio.Recording{r})) == 0 {
			return nil
		}
	}
	return names(list)
}

// codes are those of each recording.
func codes(list []audio.Recording, classes int) [][]int32 {
	all := make([][]int32, len(list))
	for i, r := range list {
		for _, x := range r.Samples {
			all[i] = append(all[i], audio.MuLaw(x, classes))
		}
	}
	return all
}
