package series

import (
	"regexp"
	"strings"
	"time"
)

// monthNames are the months as files have them: English, German, Dutch, French, Spanish, Italian, Portuguese, Russian.
var monthNames = [12]string{
	"january januar jänner januari janvier enero gennaio janeiro январь января",
	"february februar feber februari février fevrier febrero febbraio fevereiro февраль февраля",
	"march märz maerz mrz maart mrt mars marzo março marco март марта",
	"april avril abril aprile апрель апреля",
	"may mai mei mayo maggio maio май мая",
	"june juni juin junio giugno junho июнь июня",
	"july juli juillet julio luglio julho июль июля",
	"august augustus août aout agosto август августа",
	"september septembre septiembre setiembre settembre setembro сентябрь сентября",
	"october oktober octobre octubre ottobre outubro октябрь октября",
	"november novembre noviembre novembro ноябрь ноября",
	"december dezember décembre decembre diciembre dicembre dezembro декабрь декабря",
}

var word = regexp.MustCompile(`\pL{3,}\.?`)

// inEnglish writes months' names, whole or cut to three letters or more, as time.Parse reads them: Jan to Dec.
func inEnglish(text string) string {
	return word.ReplaceAllStringFunc(text, func(w string) string {
		start := strings.ToLower(strings.TrimSuffix(w, "."))
		for i, names := range monthNames {
			for name := range strings.FieldsSeq(names) {
				if strings.HasPrefix(name, start) {
					return time.Month(i + 1).String()[:3]
				}
			}
		}
		return w
	})
}
