package notebook

import (
	"go/scanner"
	"go/token"
	"path"
	"regexp"
)

// kind is what a piece of source is, to be coloured by.
type kind int

const (
	plain kind = iota
	keyword
	quoted
	remark
	number
)

// piece is a stretch of source of one kind.
type piece struct {
	kind kind
	text string
}

// pieces cuts a source; together they are its text.
func pieces(s source) []piece {
	if path.Ext(s.path) == ".py" {
		return piecesOfPython(s.text)
	}
	return piecesOfGo(s.text)
}

func piecesOfGo(text string) (list []piece) {
	var s scanner.Scanner
	set := token.NewFileSet()
	file := set.AddFile("", set.Base(), len(text))
	s.Init(file, []byte(text), nil, scanner.ScanComments)
	at := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		var k kind
		switch {
		case tok.IsKeyword():
			k = keyword
		case tok == token.STRING || tok == token.CHAR:
			k = quoted
		case tok == token.INT || tok == token.FLOAT || tok == token.IMAG:
			k = number
		case tok == token.COMMENT:
			k = remark
		default:
			continue
		}
		from := file.Offset(pos)
		list = append(list, piece{plain, text[at:from]}, piece{k, text[from : from+len(lit)]})
		at = from + len(lit)
	}
	return append(list, piece{plain, text[at:]})
}

var pythonPieces = regexp.MustCompile(`(?s)(#[^\n]*)|("""(?:.*?)"""|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|` +
	`\b(and|as|assert|break|class|continue|def|del|elif|else|except|False|finally|for|from|global|if|import|in|is|lambda|None|not|or|pass|raise|return|True|try|while|with|yield)\b|` +
	`\b(\d[\d_.]*(?:e[+-]?\d+)?)`)

func piecesOfPython(text string) (list []piece) {
	at := 0
	for _, m := range pythonPieces.FindAllStringSubmatchIndex(text, -1) {
		k := plain
		for group, of := range []kind{remark, quoted, keyword, number} {
			if m[2+2*group] >= 0 {
				k = of
			}
		}
		list = append(list, piece{plain, text[at:m[0]]}, piece{k, text[m[0]:m[1]]})
		at = m[1]
	}
	return append(list, piece{plain, text[at:]})
}
