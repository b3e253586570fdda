// Package goexec is compiled into GoNB's package of that name when the Makefile builds the kernel; this file is also tested by itself.
package goexec

import (
	"go/scanner"
	"go/token"
	"strings"
)

// SpecialLines are the lines of a cell that are no Go but commands to the kernel: !ls, %env A=1, %%, and with the prefix //gonb: too.
// GoNB takes every line that begins so. Within a raw string, a comment or an expression that goes on it is Go's: only where a statement
// may begin, or the cell, is a line special. After an opening brace ! may begin an element of a literal, and so is Go's there.
func SpecialLines(lines []string) map[int]bool {
	special := map[int]bool{}
	var code strings.Builder // the Go before a line
	for i := 0; i < len(lines); i++ {
		command := strings.TrimPrefix(lines[i], "//gonb:")
		if command == "" || command[0] != '!' && command[0] != '%' || strings.TrimSpace(command[1:]) == "" || !statementEnded(code.String()) {
			code.WriteString(lines[i] + "\n")
			continue
		}
		special[i] = true
		for strings.HasSuffix(lines[i], `\`) && i+1 < len(lines) { // it goes on
			i++
			special[i] = true
		}
	}
	return special
}

// statementEnded says that code ends outside of strings and comments, after a statement or before the first.
func statementEnded(code string) bool {
	open := false
	var s scanner.Scanner
	set := token.NewFileSet()
	s.Init(set.AddFile("", set.Base(), len(code)), []byte(code), func(_ token.Position, what string) {
		// A string in quotes ends with its line, whether closed or not.
		open = open || strings.HasPrefix(what, "raw string literal not term") || strings.HasPrefix(what, "comment not term")
	}, 0)
	last := token.SEMICOLON // which the scanner puts at the end of a line that ends a statement
	for {
		_, tok, _ := s.Scan()
		if tok == token.EOF {
			return !open && last == token.SEMICOLON
		}
		last = tok
	}
}
