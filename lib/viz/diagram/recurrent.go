package diagram

import "fmt"

// RNN is a recurrent network, unrolled over so many steps: one cell with the same weights at each.
func RNN(steps int) string {
	d := draw(150+steps*150, 220, fmt.Sprintf("A recurrent network unrolled over %d steps: the same cell reads an input and the state before it at each, and gives an output and a new state.", steps))
	d.text(20, 115, "start", "h₀")
	d.arrow(40, 110, 80, 110)
	for i := range steps {
		x := 80 + i*150
		t := string([]rune("₁₂₃₄₅₆₇₈₉")[i])
		d.box(net, x, 85, 90, 50, "cell")
		d.box(data, x+15, 170, 60, 34, "x"+t)
		d.arrow(x+45, 170, x+45, 135)
		d.box(data, x+15, 16, 60, 34, "y"+t)
		d.arrow(x+45, 85, x+45, 50)
		d.arrow(x+90, 110, x+150, 110)
		d.text(x+120, 102, "middle", "h"+t)
	}
	return d.svg()
}

// LSTM is a cell with its gates.
func LSTM() string {
	d := draw(740, 300, "An LSTM's cell: the forget gate multiplies the old cell state, the input gate times the candidate is added to it; the output gate times the tanh of the new cell state is the new hidden state. All four are layers on the input and the hidden state before.")
	d.text(20, 40, "start", "c of before")
	d.arrow(20, 50, 188, 50)
	d.node(200, 50, "×")
	d.arrow(212, 50, 328, 50)
	d.node(340, 50, "+")
	d.arrow(352, 50, 720, 50)
	d.text(720, 40, "end", "cₜ")
	for _, g := range []struct {
		x          int
		name, bend string
	}{{200, "f", "σ"}, {300, "i", "σ"}, {380, "g", "tanh"}, {500, "o", "σ"}} {
		d.box(net, g.x-28, 180, 56, 34, g.name+": "+g.bend)
		d.arrow(g.x, 250, g.x, 214)
	}
	d.arrow(200, 180, 200, 62)
	d.node(340, 120, "×")
	d.arrow(300, 180, 300, 120, 328, 120)
	d.arrow(380, 180, 380, 120, 352, 120)
	d.arrow(340, 108, 340, 62)
	d.arrow(580, 50, 580, 76)
	d.box(rule, 552, 76, 56, 30, "tanh")
	d.arrow(580, 106, 580, 128)
	d.node(580, 140, "×")
	d.arrow(500, 180, 500, 140, 568, 140)
	d.arrow(592, 140, 720, 140)
	d.text(720, 132, "end", "hₜ, the output too")
	d.line(20, 250, 500, 250)
	d.text(20, 243, "start", "xₜ and h of before")
	d.text(200, 285, "middle", "forget")
	d.text(300, 285, "middle", "let in")
	d.text(380, 285, "middle", "candidate")
	d.text(500, 285, "middle", "show")
	return d.svg()
}

// GRU is a cell with its two gates.
func GRU() string {
	d := draw(740, 300, "A GRU's cell: the reset gate says how much of the old state the candidate sees; the update gate z mixes: z times the old state plus one minus z times the candidate.")
	d.text(20, 40, "start", "h of before")
	d.arrow(20, 50, 468, 50)
	d.node(480, 50, "×")
	d.arrow(492, 50, 568, 50)
	d.node(580, 50, "+")
	d.arrow(592, 50, 720, 50)
	d.text(720, 40, "end", "hₜ, the output too")
	d.box(net, 112, 180, 56, 34, "r: σ")
	d.box(net, 400, 180, 56, 34, "z: σ")
	d.node(220, 120, "×")
	d.arrow(220, 50, 220, 108)
	d.arrow(140, 180, 140, 120, 208, 120)
	d.arrow(232, 120, 290, 120)
	d.box(net, 290, 103, 80, 34, "n: tanh")
	d.arrow(370, 120, 416, 120)
	d.node(428, 120, "×")
	d.arrow(428, 180, 428, 132)
	d.text(422, 160, "end", "1 − z")
	d.arrow(456, 197, 480, 197, 480, 62)
	d.text(486, 160, "start", "z")
	d.arrow(440, 120, 580, 120, 580, 62)
	d.line(20, 250, 428, 250)
	d.arrow(140, 250, 140, 214)
	d.arrow(428, 250, 428, 214)
	d.arrow(330, 250, 330, 137)
	d.text(20, 243, "start", "xₜ and h of before")
	d.text(140, 285, "middle", "reset")
	d.text(330, 285, "middle", "candidate (of xₜ)")
	d.text(460, 285, "middle", "update")
	return d.svg()
}
