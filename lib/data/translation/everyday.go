package translation

// everyday are sentences of everyday language, in English, Russian and German: what a translator of manuals was never told.
var everyday = [][3]string{
	{"Good morning!", "Доброе утро!", "Guten Morgen!"},
	{"What is your name?", "Как вас зовут?", "Wie heißen Sie?"},
	{"I am hungry.", "Я голоден.", "Ich habe Hunger."},
	{"Where is the station?", "Где вокзал?", "Wo ist der Bahnhof?"},
	{"My brother has a red car.", "У моего брата красная машина.", "Mein Bruder hat ein rotes Auto."},
	{"It is raining today.", "Сегодня идёт дождь.", "Heute regnet es."},
	{"She reads a book every evening.", "Она каждый вечер читает книгу.", "Sie liest jeden Abend ein Buch."},
	{"Please close the door.", "Закройте, пожалуйста, дверь.", "Bitte schließen Sie die Tür."},
	{"We went to the sea last summer.", "Прошлым летом мы ездили на море.", "Letzten Sommer sind wir ans Meer gefahren."},
	{"Can you open the window?", "Вы можете открыть окно?", "Können Sie das Fenster öffnen?"},
	{"The letter is on the table.", "Письмо лежит на столе.", "Der Brief liegt auf dem Tisch."},
	{"How much does this bread cost?", "Сколько стоит этот хлеб?", "Was kostet dieses Brot?"},
}

// Everyday gives sentences of everyday language with their translations.
func Everyday(to Language) []Pair {
	var pairs []Pair
	for _, s := range everyday {
		target := s[1]
		if to == German {
			target = s[2]
		}
		pairs = append(pairs, Pair{s[0], target})
	}
	return pairs
}
