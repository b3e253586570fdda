package viz

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"image"
	"strings"
	"time"
)

var (
	//go:embed player.html
	playerHTML string
	playerPage = template.Must(template.New("player").Parse(playerHTML))
)

// maxPlayerBytes limits a player in a notebook, as maxBytes does a picture.
const maxPlayerBytes = 400 << 10

// PlayerHTML is a piece of HTML that plays pictures, such as the snapshots of a training: play and pause, and a slider for the place.
// Labels name the frames, one each. It needs nothing from outside: it works in a saved notebook without a kernel, and in exported
// HTML. Where scripts don't run it is the last picture.
func PlayerHTML(title string, frames []image.Image, labels []string, delay time.Duration) (string, error) {
	if len(frames) == 0 || len(labels) != len(frames) {
		return "", fmt.Errorf("viz: a player of %d frames and %d labels: there must be at least one frame, and a label for each", len(frames), len(labels))
	}
	if delay < 20*time.Millisecond || delay > 10*time.Minute {
		return "", fmt.Errorf("viz: player with %v a frame: it must be 20ms to 10m", delay)
	}
	urls, size, err := dataURLs(frames)
	for err == nil && size > maxPlayerBytes && frames[0].Bounds().Dx() >= 64 {
		frames = shrinkAll(frames)
		urls, size, err = dataURLs(frames)
	}
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(map[string]any{"frames": urls, "labels": labels, "delay": delay.Milliseconds()})
	if err != nil {
		return "", fmt.Errorf("viz: encoding a player: %w", err)
	}
	var page bytes.Buffer
	err = playerPage.Execute(&page, map[string]any{
		"ID": pieceID("player", data), "Title": title, "Last": len(frames) - 1, "Label": labels[len(labels)-1],
		"Picture": template.URL(urls[len(urls)-1]), "Data": template.JS(data), // JSON, in which < is written \u003c
	})
	return strings.TrimSpace(page.String()), err
}

// dataURLs gives each frame's, and how long they are together.
func dataURLs(frames []image.Image) (urls []string, size int, err error) {
	for i, f := range frames {
		url, err := DataURL(f)
		if err != nil {
			return nil, 0, fmt.Errorf("frame %d: %w", i, err)
		}
		urls = append(urls, url)
		size += len(url)
	}
	return urls, size, nil
}
