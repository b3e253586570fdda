// Package viz makes pictures of what models see and make, and shows them: inline in a notebook, as a file elsewhere.
//
// Pictures are pure functions from data to image.Image. They compose, errors included:
//
//	err := viz.Show(viz.Grid(viz.Images{Pixels: digits}, 8))
//
// Data that can't be drawn gives a picture that says why; Show and Save return that as their error, and
// Err reads it. Every picture has its own opaque, light background and a thin frame, and so is legible on
// light and on dark pages.
package viz
