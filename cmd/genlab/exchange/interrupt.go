package exchange

import "context"

// interruptible does work that may take long and knows nothing of its context, whose end ends the command at once. The program ends
// then, and the work with it: files that it writes appear whole or not at all.
func interruptible(ctx context.Context, work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
