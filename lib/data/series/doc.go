// Package series reads time series: a CSV file with headers, dates and missing values becomes a Series that a
// model can take. What a column of dates can't tell is an error, never a guess: see [Table.Series] and [Series.Step].
//
// Four classic series are inside the package, each with its source:
//
//   - Nile: the river's yearly flow at Aswan, 1871–1970, in 10⁸ m³ (Cobb 1978, Biometrika 65:243; public domain).
//   - Sunspots: yearly numbers, 1700–2008 (National Geophysical Data Center; public domain).
//   - AirPassengers: international airline passengers a month, 1949–1960, in thousands (Box & Jenkins 1976,
//     Time Series Analysis, series G; as in R's datasets).
//   - CO2: weekly carbon dioxide at Mauna Loa, 1958–2001, in ppm, with 59 weeks missing (Keeling & Whorf 2004, Carbon
//     Dioxide Information Analysis Center; public domain).
//
// Nile, Sunspots and CO2 are the files of statsmodels 0.14.6, with dates written in full.
package series
