package doctor

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"genlab/lib/backend"
)

// NewSetup makes `genlab setup`.
func NewSetup() *cobra.Command {
	var cuda, release bool
	var dir string
	cmd := &cobra.Command{
		Use:   "setup",
		Short: "Install XLA's plugin, which compiles the models for CPU or GPU",
		Long: `Install XLA's PJRT plugin: into the checkout's .cache/pjrt when run inside one, else into the user's cache.
A plugin that is there and whole stays; a broken or half-installed one is replaced.

By default it comes from a wheel pinned by hash, through python3's pip.
--cuda takes XLA for NVIDIA GPUs (CUDA 13) and NVIDIA's libraries, 4 GB on the disk, from wheels pinned by hash too.`,
		Example: `  genlab setup              XLA for the CPU
  genlab setup --release    the same from go-xla's own releases, for machines other than linux/amd64
  genlab setup --cuda       XLA for NVIDIA GPUs`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			source := backend.CPUWheel
			switch {
			case cuda:
				source = backend.CUDAWheel
			case release:
				source = backend.Release
			}
			if dir == "" {
				var err error
				if dir, err = backend.InstallDir(); err != nil {
					return err
				}
			}
			p, err := backend.Install(cmd.Context(), source, dir, func(line string) {
				fmt.Fprintln(out, "setup: "+line)
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "setup: XLA's plugin is %s\n", p.Path)
			if env := os.Getenv("PJRT_PLUGIN_LIBRARY_PATH"); env != "" {
				fmt.Fprintf(out, "setup: PJRT_PLUGIN_LIBRARY_PATH=%s is set, so plugins are looked for there alone\n", env)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&cuda, "cuda", false, "XLA for NVIDIA GPUs instead")
	cmd.Flags().BoolVar(&release, "release", false, "from go-xla's own releases instead of the wheel")
	cmd.Flags().StringVar(&dir, "dir", "", "folder to install into")
	cmd.MarkFlagsMutuallyExclusive("cuda", "release")
	return cmd
}
