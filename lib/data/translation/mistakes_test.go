package translation

import "testing"

func TestMistakeOf(t *testing.T) {
	p := Pair{"Open the 3 files of LibreOffice Writer now", "Сейчас откройте 3 файла LibreOffice Writer"}
	for output, want := range map[string]Mistake{
		p.Target: Right,
		"Сейчас откройте 3 файла LibreOffice Writer.": Close,
		"Щёлкните 3 ячейки LibreOffice Calc быстро":   Different,
		"Сейчас open 3 файла LibreOffice Writer":      LeavesWords,
		"Сейчас откройте 4 файла LibreOffice Writer":  LosesFigures,
		"Откройте 3 файла":                            TooShort,
		"":                                            TooShort,
		"файл, файл, файл":                            Repeats,
		"в файле в файле в файле":                     Repeats,
		"Сейчас вы увидите, как откройте 3 разных файла LibreOffice Writer": TooLong,
	} {
		if got := MistakeOf(p, output); got != want {
			t.Errorf("%q %s, want: %s", output, got, want)
		}
	}
}
