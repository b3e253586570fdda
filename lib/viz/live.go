package viz

import (
	"image"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
)

// liveInterval keeps drawing below a few hundredths of a training's time.
const liveInterval = 2 * time.Second

// Live is one picture in a notebook that changes in place, so that the saved notebook holds its last state
// alone. Outside notebooks it does nothing. The zero value is ready; its methods may be called from several goroutines.
type Live struct {
	mu      sync.Mutex
	id      string
	last    time.Time
	pending func() image.Image
}

// Update shows a new state, if the last one is old enough to be replaced. draw is called only then.
func (l *Live) Update(draw func() image.Image) error {
	if !gonbui.IsNotebook {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Since(l.last) < liveInterval {
		l.pending = draw
		return nil
	}
	return l.show(draw)
}

// Close shows the state that the last Update may have held back.
func (l *Live) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.pending == nil {
		return nil
	}
	if err := l.show(l.pending); err != nil {
		return err
	}
	return Flush()
}

func (l *Live) show(draw func() image.Image) error {
	img := draw()
	if err := Err(img); err != nil {
		return err
	}
	data, err := inlinePNG(img)
	if err != nil {
		return err
	}
	if l.id == "" {
		l.id = "genlab_live_" + gonbui.UniqueId()
	}
	send(data, img.Bounds().Size(), l.id)
	l.last, l.pending = time.Now(), nil
	return gonbui.Error()
}
