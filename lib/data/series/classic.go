package series

import (
	"bytes"
	"embed"
	"fmt"
)

//go:embed csv/*.csv
var files embed.FS

// Nile is the river's yearly flow at Aswan, 1871–1970, in 10⁸ m³. A dam changed it in 1899.
func Nile() (Series, error) { return classic("nile", "volume") }

// Sunspots is the yearly number of sunspots, 1700–2008.
func Sunspots() (Series, error) { return classic("sunspots", "sunspots") }

// AirPassengers is the number of international airline passengers each month, 1949–1960, in thousands.
func AirPassengers() (Series, error) { return classic("airpassengers", "passengers") }

// CO2 is the weekly mean of carbon dioxide at Mauna Loa, 1958–2001, in parts per million; 59 weeks are missing.
func CO2() (Series, error) { return classic("co2", "co2") }

func classic(file, column string) (Series, error) {
	text, err := files.ReadFile("csv/" + file + ".csv")
	if err != nil {
		return Series{}, fmt.Errorf("reading the series %s: %w", file, err)
	}
	t, err := Read(bytes.NewReader(text), file+".csv")
	if err != nil {
		return Series{}, err
	}
	return t.Series(column)
}
