package backend

// The compiler says it in place of many errors further on: files are replaced whole and folders locked in ways that Windows has not.
const _ int = "genlab does not build for Windows: take Linux (WSL is one) or macOS"
