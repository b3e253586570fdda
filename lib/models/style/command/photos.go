package command

import (
	"fmt"
	"path/filepath"
	"slices"

	"genlab/lib/data/fetch"
	"genlab/lib/data/files"
	"genlab/lib/data/images"
)

// scenes are those of `genlab data photos` that show something, and textures the others.
var (
	scenes   = []string{"astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"}
	textures = []string{"ihc.png", "retina.jpg", "hubble_deep_field.jpg", "brick.png", "grass.png", "gravel.png"}
)

// most is the longer side that photographs to learn from are brought to.
const most = 512

// photos reads a folder's pictures, or some of those that `genlab data photos` fetched where no folder is given. Those with a side of less
// than least pixels are left out.
func photos(folder string, fetched []string, least int) ([]images.Photo, error) {
	names := fetched
	if folder == "" {
		found, err := fetch.Folder("photos")
		if err != nil {
			return nil, err
		}
		folder = found
	} else {
		all, err := files.Walk(folder)
		if err != nil {
			return nil, err
		}
		names = slices.DeleteFunc(all, func(name string) bool { return !images.IsPicture(name) })
	}
	var list []images.Photo
	for _, name := range names {
		p, err := images.ReadPhoto(filepath.Join(folder, name), most)
		if err != nil {
			return nil, err
		}
		if min(p.Height, p.Width) >= least {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s has no picture of at least %d pixels either way", folder, least)
	}
	return list, nil
}
